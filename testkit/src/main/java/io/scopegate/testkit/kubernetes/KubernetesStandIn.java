package io.scopegate.testkit.kubernetes;

import io.scopegate.testkit.Await;
import io.scopegate.testkit.ClosedPort;
import io.scopegate.testkit.Faults;
import io.scopegate.testkit.FaultyServer;
import io.scopegate.testkit.TestCa;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A Kubernetes API server on loopback. Every method may be called from any thread; what it changes
 * acts on the next request and on open watches.
 */
public final class KubernetesStandIn implements AutoCloseable {
  private static final long BOOKMARK_MILLIS = 30_000;
  private static final int MAX_RESETS_PER_MINUTE = 1_000_000;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final KubernetesOptions options;
  private final TestCa ca = TestCa.create();
  private final TestCa.Issued certificate = ca.server("kubernetes.default.svc");
  private final ObjectStore store = new ObjectStore();
  private final TokenIssuer issuer;
  private final Tokens tokens;
  private final Watches watches = new Watches(vertx, store);
  private final Faults<RequestKind> faults = new Faults<>(RequestKind.class);
  private final RequestCounts counts = new RequestCounts();
  private final ApiHandler handler;
  private volatile @Nullable View frozen;
  private volatile HttpServer server;
  private volatile @Nullable ClosedPort left;

  private KubernetesStandIn(KubernetesOptions options) {
    this.options = options;
    this.issuer = new TokenIssuer(options.issuer());
    this.tokens = new Tokens(issuer);
    this.handler =
        new ApiHandler(
            store,
            issuer,
            new Callers(tokens, store),
            new Reviews(tokens, this::reviewed),
            watches,
            new ApiHandler.Misbehaviour(faults, new FaultyServer(vertx), counts::add));
    apply(defaults());
    vertx.setPeriodic(BOOKMARK_MILLIS, now -> watches.bookmarkIfWanted());
    this.server = listen(options.port());
  }

  /** Starts with TLS on a free port. */
  public static KubernetesStandIn start() {
    return start(KubernetesOptions.defaults());
  }

  /** Starts as told; the port accepts connections when this returns. */
  public static KubernetesStandIn start(KubernetesOptions options) {
    return new KubernetesStandIn(options);
  }

  /** Where it listens. */
  public int port() {
    return server.actualPort();
  }

  /** {@code https://127.0.0.1:port}, or {@code http}. */
  public String url() {
    return (options.tls() ? "https" : "http") + "://127.0.0.1:" + port();
  }

  /** Who issued the server's certificate, and whose client certificates are good. */
  public TestCa ca() {
    return ca;
  }

  /** Signs the tokens of service accounts. */
  public TokenIssuer issuer() {
    return issuer;
  }

  /** What goes wrong. */
  public Faults<RequestKind> faults() {
    return faults;
  }

  /** How often what was asked. */
  public RequestCounts requests() {
    return counts;
  }

  /** Writes kubeconfig files that lead here. */
  public Kubeconfig kubeconfig() {
    return new Kubeconfig(url(), ca);
  }

  /** Makes a service account, and its namespace, unless they are there. */
  public ServiceAccount serviceAccount(String namespace, String name) {
    namespace(namespace);
    JsonObject found = store.find(Resource.SERVICE_ACCOUNTS, namespace, name);
    JsonObject account =
        found != null ? found : store.create(Resource.SERVICE_ACCOUNTS, namespace, named(name));
    return new ServiceAccount(namespace, name, uid(account));
  }

  /** Makes a namespace unless it is there. */
  public void namespace(String name) {
    if (store.find(Resource.NAMESPACES, "", name) == null) {
      store.create(Resource.NAMESPACES, "", named(name));
    }
  }

  /** Makes a pod, for tokens to be bound to. */
  public void pod(ServiceAccount account, String name) {
    JsonObject spec = new JsonObject().put("serviceAccountName", account.name());
    store.create(Resource.PODS, account.namespace(), named(name).put("spec", spec));
  }

  /** A token for the API server's own audience, good for an hour. */
  public String token(ServiceAccount account) {
    return token(account, TokenSpec.defaults());
  }

  /** A token as told. */
  public String token(ServiceAccount account, TokenSpec spec) {
    return tokens.issue(account, spec, store);
  }

  /** An opaque token, as {@code --token-auth-file} has them. */
  public String staticToken(String user, String... groups) {
    String token = "static-" + UUID.randomUUID();
    tokens.addStatic(token, Identity.authenticated(user, List.of(groups)));
    return token;
  }

  /** Makes an opaque token nobody's. */
  public void revokeStaticToken(String token) {
    tokens.removeStatic(token);
  }

  /** Lets a subject do things in the whole cluster, by a role and a binding of their own. */
  public Grant grant(Subject subject, Rule... rules) {
    String name = "testkit-" + UUID.randomUUID();
    store.create(Resource.CLUSTER_ROLES, "", role(name, rules));
    store.create(Resource.CLUSTER_ROLE_BINDINGS, "", binding(name, "ClusterRole", name, subject));
    return () -> {
      store.delete(Resource.CLUSTER_ROLE_BINDINGS, "", name);
      store.delete(Resource.CLUSTER_ROLES, "", name);
    };
  }

  /** Lets a subject do things in one namespace, by a role and a binding of their own. */
  public Grant grantIn(String namespace, Subject subject, Rule... rules) {
    namespace(namespace);
    String name = "testkit-" + UUID.randomUUID();
    store.create(Resource.ROLES, namespace, role(name, rules));
    store.create(Resource.ROLE_BINDINGS, namespace, binding(name, "Role", name, subject));
    return () -> {
      store.delete(Resource.ROLE_BINDINGS, namespace, name);
      store.delete(Resource.ROLES, namespace, name);
    };
  }

  /** Lets a subject list and watch all RBAC objects, service accounts and pods. */
  public Grant grantWatching(Subject subject) {
    return grant(
        subject,
        Rule.watch(
            Resource.ROLES.group(), "roles", "rolebindings", "clusterroles", "clusterrolebindings"),
        Rule.watch("", "serviceaccounts", "pods"));
  }

  /** Binds a subject to a cluster role that exists, in the whole cluster. */
  public Grant bind(Subject subject, String clusterRole) {
    String name = "testkit-" + UUID.randomUUID();
    JsonObject binding = binding(name, "ClusterRole", clusterRole, subject);
    store.create(Resource.CLUSTER_ROLE_BINDINGS, "", binding);
    return () -> store.delete(Resource.CLUSTER_ROLE_BINDINGS, "", name);
  }

  /** Creates or replaces a part of a Service's servers. */
  public void slice(Slice slice) {
    apply(slice.toJson().encode());
  }

  /** Creates or replaces what manifests (YAML or JSON, any number) say. */
  public void apply(String manifests) {
    for (JsonObject object : Manifests.parse(manifests)) {
      Resource resource =
          Resource.ofKind(object.getString("kind", ""))
              .orElseThrow(() -> new IllegalArgumentException("kind: " + object.getString("kind")));
      JsonObject metadata = object.getJsonObject("metadata");
      String namespace = resource.namespaced() ? metadata.getString("namespace", "default") : "";
      if (resource.namespaced()) {
        namespace(namespace);
      }
      String name = metadata.getString("name");
      if (store.find(resource, namespace, name) == null) {
        store.create(resource, namespace, object);
      } else {
        store.update(resource, namespace, name, object);
      }
    }
  }

  /** Deletes an object of a namespace, or of the cluster when the namespace is empty. */
  public void delete(Resource resource, String namespace, String name) {
    store.delete(resource, namespace, name);
  }

  /** Deletes a service account: its tokens are nobody's from now on. */
  public void delete(ServiceAccount account) {
    delete(Resource.SERVICE_ACCOUNTS, account.namespace(), account.name());
  }

  /** Makes watches that start from an older revision fail with 410. */
  public void compact() {
    store.compact();
  }

  /** Ends all watches, as a server does that restarts. */
  public void dropWatches() {
    watches.drop();
  }

  /** Sends a bookmark on all watches. */
  public void bookmark() {
    watches.bookmark();
  }

  /** How many watches are open. */
  public int watches() {
    return watches.count();
  }

  /** Reviews are answered from how things are now, whatever changes: the lag of real servers. */
  public void freezeReviews() {
    frozen = store.snapshot();
  }

  /** Reviews see the present again. */
  public void thawReviews() {
    frozen = null;
  }

  /** Stops listening and closes all connections: connecting is refused from now on. */
  public void stopListening() {
    int port = port();
    Await.result(server.close());
    left = ClosedPort.at(port);
  }

  /**
   * Listens again.
   *
   * @param port the port it had before
   */
  public void listenAgain(int port) {
    server = listen(port);
    giveBack();
  }

  private void giveBack() {
    ClosedPort held = left;
    if (held != null) {
      held.close();
    }
  }

  @Override
  public void close() {
    faults.clear();
    Await.result(vertx.close());
    giveBack();
  }

  private View reviewed() {
    View then = frozen;
    return then != null ? then : store;
  }

  private HttpServer listen(int port) {
    HttpServerOptions http =
        new HttpServerOptions()
            .setHost("127.0.0.1")
            .setPort(port)
            .setHttp2RstFloodMaxRstFramePerWindow(MAX_RESETS_PER_MINUTE);
    if (options.tls()) {
      http.setSsl(true)
          .setUseAlpn(true)
          .setKeyCertOptions(certificate.keyCertOptions())
          .setTrustOptions(ca.trustOptions())
          .setClientAuth(ClientAuth.REQUEST);
    }
    return Await.result(vertx.createHttpServer(http).requestHandler(handler).listen());
  }

  private static JsonObject named(String name) {
    return new JsonObject().put("metadata", new JsonObject().put("name", name));
  }

  private static JsonObject role(String name, Rule... rules) {
    return named(name).put("rules", new JsonArray(Arrays.stream(rules).map(Rule::toJson).toList()));
  }

  private static JsonObject binding(String name, String kind, String role, Subject subject) {
    JsonObject reference =
        new JsonObject()
            .put("apiGroup", "rbac.authorization.k8s.io")
            .put("kind", kind)
            .put("name", role);
    return named(name)
        .put("roleRef", reference)
        .put("subjects", new JsonArray().add(subject.toJson()));
  }

  private static String uid(JsonObject object) {
    return object.getJsonObject("metadata").getString("uid");
  }

  private static String defaults() {
    try (InputStream in = KubernetesStandIn.class.getResourceAsStream("defaults.yaml")) {
      if (in == null) {
        throw new IllegalStateException("defaults.yaml is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Something granted. */
  public interface Grant {
    /** Takes it back. */
    void revoke();
  }
}
