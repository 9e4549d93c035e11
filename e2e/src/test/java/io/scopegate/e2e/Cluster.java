package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.TestCa;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A real kube-apiserver with etcd: one for all tests, with the gateway's account and two tenants as
 * the manifests in {@code deploy/manifests} make them, or one that nobody has used yet.
 */
final class Cluster implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(90);
  private static final String ADMIN = "admin-token";
  private static @Nullable Cluster shared;

  private final Path directory = Scratch.directory("cluster");
  private final TestCa ca = TestCa.create();
  private final int port = FreePorts.next();
  private final int etcdPort = FreePorts.next();
  private final Http http = Http.one(ca);
  private final AtomicInteger files = new AtomicInteger();
  private final Set<String> tokens = ConcurrentHashMap.newKeySet();
  private final Part etcd;
  private final Map<String, String> values;
  private volatile Part api;

  private Cluster() {
    Path apiserver = Parts.need("kube-apiserver");
    values =
        Map.of(
            "ETCD_DIR", dataDirectory(),
            "ETCD_CLIENT_PORT", Integer.toString(etcdPort),
            "ETCD_PEER_PORT", Integer.toString(FreePorts.next()),
            "KUBE_PORT", Integer.toString(port),
            "KUBE_DIR", directory.toString());
    keys();
    etcd = start("etcd", Parts.need("etcd"), values);
    api = startApi(apiserver);
  }

  private Part startApi(Path apiserver) {
    Part started = start("kube-apiserver", apiserver, values);
    Until.holds("kube-apiserver is ready", READY, () -> call("GET", "/readyz", "").status() == 200);
    return started;
  }

  /** The cluster, started with the first call. */
  static synchronized Cluster shared() {
    if (shared == null) {
      Cluster started = new Cluster();
      started.manifests();
      shared = started;
    }
    return shared;
  }

  /** Another one without anything of Scopegate; close it. */
  static Cluster empty() {
    return new Cluster();
  }

  /** Ends one that is not shared. */
  @Override
  public void close() {
    api.close();
    etcd.close();
  }

  /** Issues the certificates of all servers here, the API server's and the gateways'. */
  TestCa ca() {
    return ca;
  }

  /** Ends the API server as a node that fails does, and starts it again where it was. */
  void restartApi() {
    api.close();
    api = startApi(Parts.need("kube-apiserver"));
  }

  /** The API server's process. */
  Part api() {
    return api;
  }

  /**
   * Another API server of the same cluster, which ends connections by GOAWAY now and then.
   *
   * @param otherPort where it listens
   * @param chance of each request
   */
  Part parting(int otherPort, String chance) {
    List<String> command = new ArrayList<>(List.of(Parts.need("kube-apiserver").toString()));
    Map<String, String> values =
        Map.of(
            "ETCD_CLIENT_PORT", Integer.toString(etcdPort),
            "KUBE_PORT", Integer.toString(otherPort),
            "KUBE_DIR", directory.toString());
    Scratch.template("kube-apiserver.flags", values).lines().forEach(command::add);
    command.add("--goaway-chance=" + chance);
    Part other = Part.start("kube-apiserver-parting", directory, Map.of(), command);
    Until.holds(
        "the other kube-apiserver is ready",
        READY,
        () -> call(otherPort, "GET", "/readyz", "").status() == 200);
    return other;
  }

  /** Every token that was issued: none may ever be seen in a log. */
  Set<String> tokens() {
    return tokens;
  }

  /** A token of a service account for the API server's own audience. */
  String token(String namespace, String account) {
    return token(namespace, account, List.of());
  }

  /** A token of a service account for these audiences. */
  String token(String namespace, String account, List<String> audiences) {
    JsonObject spec = new JsonObject().put("expirationSeconds", 3600);
    if (!audiences.isEmpty()) {
      spec.put("audiences", new JsonArray(audiences));
    }
    return token(namespace, account, spec);
  }

  /** A token of a service account that is good as long as this Pod is there. */
  String tokenOfPod(String namespace, String account, String pod) {
    JsonObject bound = new JsonObject().put("apiVersion", "v1").put("kind", "Pod").put("name", pod);
    return token(
        namespace,
        account,
        new JsonObject().put("expirationSeconds", 3600).put("boundObjectRef", bound));
  }

  private String token(String namespace, String account, JsonObject spec) {
    Http.Reply reply =
        call(
            "POST",
            "/api/v1/namespaces/" + namespace + "/serviceaccounts/" + account + "/token",
            new JsonObject()
                .put("apiVersion", "authentication.k8s.io/v1")
                .put("kind", "TokenRequest")
                .put("spec", spec)
                .encode());
    assertThat(reply.status()).as("%s", reply).isEqualTo(201);
    String token = new JsonObject(reply.text()).getJsonObject("status").getString("token");
    tokens.add(token);
    return token;
  }

  /** Applies every document of a YAML text. */
  void apply(String yaml) {
    for (Manifest manifest : Manifest.all(yaml)) {
      Http.Reply reply = apply(manifest, "");
      assertThat(reply.status()).as("%s: %s", manifest, reply).isIn(200, 201);
    }
  }

  /** Asks the API server whether it would take a document, with unknown fields refused. */
  Http.Reply dryRun(Manifest manifest) {
    return apply(manifest, "&dryRun=All");
  }

  private Http.Reply apply(Manifest manifest, String query) {
    return http.send(
        "PATCH",
        "https://127.0.0.1:%d%s?fieldManager=e2e&force=true&fieldValidation=Strict%s"
            .formatted(port, manifest.path(), query),
        HttpRequest.BodyPublishers.ofString(manifest.text()),
        "authorization",
        "Bearer " + ADMIN,
        "content-type",
        "application/apply-patch+yaml");
  }

  /**
   * What the API server publishes of its schemas.
   *
   * @param group such as {@code apis/apps/v1}
   */
  JsonObject openApi(String group) {
    return new JsonObject(call("GET", "/openapi/v3/" + group, "").text());
  }

  /** Deletes an object, which has to be there. */
  void delete(String path) {
    Http.Reply reply = call("DELETE", path, "");
    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
  }

  /** A service account of a namespace, made with it. */
  void account(String namespace, String name) {
    apply(
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: %1$s}
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: %2$s, namespace: %1$s}
        """
            .formatted(namespace, name));
  }

  /** A kubeconfig with the token of the gateway's own account. */
  Path kubeconfig() {
    return kubeconfig("{token: \"" + token("scopegate", "scopegate") + "\"}");
  }

  /** A kubeconfig of somebody who may do everything. */
  Path adminKubeconfig() {
    return kubeconfig("{token: " + ADMIN + "}");
  }

  /**
   * A kubeconfig.
   *
   * @param user the user entry as YAML in one line
   */
  Path kubeconfig(String user) {
    return kubeconfig(user, port);
  }

  /** The same by way of another port. */
  Path kubeconfigBy(int otherPort) {
    return kubeconfig("{token: \"" + token("scopegate", "scopegate") + "\"}", otherPort);
  }

  /** Where the API server listens. */
  int port() {
    return port;
  }

  private Path kubeconfig(String user, int toPort) {
    return Scratch.write(
        file("kubeconfig"),
        """
        apiVersion: v1
        kind: Config
        current-context: e2e
        clusters: [{name: e2e, cluster: {server: "https://127.0.0.1:%d", certificate-authority: "%s"}}]
        users: [{name: gateway, user: %s}]
        contexts: [{name: e2e, context: {cluster: e2e, user: gateway}}]
        """
            .formatted(toPort, directory.resolve("ca.crt"), user));
  }

  /** A file name that nobody has. */
  Path file(String name) {
    return directory.resolve(name + "-" + files.incrementAndGet());
  }

  /** How many requests for a resource the API server has answered, by its own count. */
  long answered(String resource) {
    return Metrics.of(call("GET", "/metrics", "").text())
        .sum("apiserver_request_total", "resource=\"" + resource + "\"");
  }

  private Http.Reply call(String method, String path, String body) {
    return call(port, method, path, body);
  }

  private Http.Reply call(int toPort, String method, String path, String body) {
    return http.send(
        method,
        "https://127.0.0.1:" + toPort + path,
        HttpRequest.BodyPublishers.ofString(body),
        "authorization",
        "Bearer " + ADMIN,
        "content-type",
        "application/json");
  }

  private Part start(String name, Path binary, Map<String, String> values) {
    List<String> command = new ArrayList<>(List.of(binary.toString()));
    Scratch.template(name + ".flags", values).lines().forEach(command::add);
    return Part.start(name, directory, Map.of(), command);
  }

  /** The accounts and the ready-made mapping, from the very files that users apply. */
  private void manifests() {
    for (String file :
        List.of(
            "standalone/00-namespace.yaml",
            "standalone/10-rbac.yaml",
            "tenants/00-accounts.yaml",
            "tenants/tempo-operator-mapping.yaml")) {
      apply(Scratch.read(Scratch.repository("deploy/manifests/" + file)));
    }
  }

  private String dataDirectory() {
    Path data = directory.resolve("etcd");
    try {
      Files.createDirectory(
          data, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.createDirectory(directory.resolve("certs"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return data.toString();
  }

  private void keys() {
    ca.writePem(directory.resolve("ca.crt"));
    TestCa.Issued server = ca.server("kubernetes.default.svc");
    server.writeCertificate(directory.resolve("tls.crt"));
    server.writeKey(directory.resolve("tls.key"));
    Scratch.write(directory.resolve("tokens.csv"), ADMIN + ",admin,1,\"system:masters\"\n");
    try {
      KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
      rsa.initialize(2048);
      KeyPair pair = rsa.generateKeyPair();
      pem("sa.key", "PRIVATE KEY", pair.getPrivate().getEncoded());
      pem("sa.pub", "PUBLIC KEY", pair.getPublic().getEncoded());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void pem(String file, String type, byte[] der) {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    Scratch.write(
        directory.resolve(file),
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(type, body));
  }

  /** The issued tokens that are in the logs of these. */
  List<String> tokensSeenIn(Part... parts) {
    return Arrays.stream(parts)
        .map(Part::output)
        .flatMap(log -> tokens.stream().filter(log::contains))
        .toList();
  }
}
