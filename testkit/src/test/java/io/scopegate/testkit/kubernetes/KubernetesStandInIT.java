package io.scopegate.testkit.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scopegate.testkit.Await;
import io.scopegate.testkit.Fault;
import io.scopegate.testkit.TestCa;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubernetesStandInIT {
  private static final String TOKEN_REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews";
  private static final String ACCESS_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
  private static final String ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles";

  private final KubernetesStandIn api = KubernetesStandIn.start();
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = client(null);
  private final String admin = api.staticToken("admin", "system:masters");

  @AfterEach
  void stop() {
    Await.result(vertx.close());
    api.close();
  }

  @Test
  void reviewsWhatItSigned() {
    ServiceAccount account = api.serviceAccount("team", "grafana");

    JsonObject status = review(api.token(account));

    assertThat(status.getBoolean("authenticated")).isTrue();
    assertThat(status.getJsonArray("audiences")).containsExactly(api.issuer().issuer());
    JsonObject user = status.getJsonObject("user");
    assertThat(user.getString("username")).isEqualTo("system:serviceaccount:team:grafana");
    assertThat(user.getString("uid")).isEqualTo(account.uid());
    assertThat(user.getJsonArray("groups"))
        .containsExactly(
            "system:serviceaccounts", "system:serviceaccounts:team", "system:authenticated");
    assertThat(
            user.getJsonObject("extra").getJsonArray("authentication.kubernetes.io/credential-id"))
        .hasSize(1);
  }

  @Test
  void rejectsWhatIsNotGood() {
    ServiceAccount account = api.serviceAccount("team", "grafana");
    TokenSpec past =
        TokenSpec.defaults().issued(Instant.now().minusSeconds(60)).lasting(Duration.ofSeconds(30));
    String foreign = new TokenIssuer(api.issuer().issuer()).sign(new JsonObject().put("sub", "x"));
    String good = api.token(account);

    assertRejected(review(api.token(account, past)), "expired");
    assertRejected(review(foreign), "invalid bearer token");
    assertRejected(review(good.substring(0, good.length() - 4) + "AAAA"), "invalid bearer token");
    assertRejected(review("nonsense"), "invalid bearer token");
    assertRejected(
        review(api.token(account, TokenSpec.defaults().forAudiences("tempo"))), "audiences");
  }

  @Test
  void honoursAudiences() {
    ServiceAccount account = api.serviceAccount("team", "grafana");
    String token = api.token(account, TokenSpec.defaults().forAudiences("tempo", "other"));

    JsonObject status = review(token, "tempo", "more");

    assertThat(status.getBoolean("authenticated")).isTrue();
    assertThat(status.getJsonArray("audiences")).containsExactly("tempo");
  }

  @Test
  void forgetsTokensOfWhatIsDeleted() {
    ServiceAccount account = api.serviceAccount("team", "grafana");
    api.pod(account, "grafana-0");
    String token = api.token(account);
    String bound = api.token(account, TokenSpec.defaults().boundToPod("grafana-0"));
    assertThat(review(bound).getBoolean("authenticated")).isTrue();

    api.delete(Resource.PODS, "team", "grafana-0");
    assertRejected(review(bound), "invalidated");
    assertThat(review(token).getBoolean("authenticated")).isTrue();

    api.delete(account);
    api.serviceAccount("team", "grafana");
    assertRejected(review(token), "invalidated");
  }

  @Test
  void knowsStaticTokens() {
    String token = api.staticToken("jane", "devs");

    assertThat(review(token).getJsonObject("user").getString("username")).isEqualTo("jane");
    api.revokeStaticToken(token);
    assertRejected(review(token), "invalid bearer token");
  }

  @Test
  void decidesBySubjectAccessReview() {
    ServiceAccount account = api.serviceAccount("team", "grafana");
    KubernetesStandIn.Grant grant = api.grant(account.subject(), Rule.readTraces("shop"));

    JsonObject allowed = access(account, "get", "shop");
    assertThat(allowed.getBoolean("allowed")).isTrue();
    assertThat(allowed.getString("reason"))
        .startsWith("RBAC: allowed by ClusterRoleBinding")
        .endsWith("to ServiceAccount \"grafana/team\"");
    assertThat(access(account, "create", "shop").getBoolean("allowed")).isFalse();
    assertThat(access(account, "get", "other").getBoolean("allowed")).isFalse();

    api.freezeReviews();
    grant.revoke();
    assertThat(access(account, "get", "shop").getBoolean("allowed")).isTrue();
    api.thawReviews();
    assertThat(access(account, "get", "shop").getBoolean("allowed")).isFalse();
  }

  @Test
  void appliesItsOwnRulesToItsCallers() {
    ServiceAccount account = api.serviceAccount("scopegate", "scopegate");
    String token = api.token(account);
    JsonObject body = tokenReview("x");

    assertThat(call(HttpMethod.POST, TOKEN_REVIEWS, "", body).code()).isEqualTo(403);
    assertThat(call(HttpMethod.POST, TOKEN_REVIEWS, "wrong", body).code()).isEqualTo(401);
    Answer refused = call(HttpMethod.POST, TOKEN_REVIEWS, token, body);
    assertThat(refused.code()).isEqualTo(403);
    assertThat(refused.body().getString("kind")).isEqualTo("Status");
    assertThat(refused.body().getString("message"))
        .contains("system:serviceaccount:scopegate:scopegate", "cannot create", "tokenreviews");

    api.bind(account.subject(), "system:auth-delegator");

    assertThat(call(HttpMethod.POST, TOKEN_REVIEWS, token, body).code()).isEqualTo(201);
    assertThat(call(HttpMethod.GET, ROLES, token, null).code()).isEqualTo(403);
  }

  @Test
  void takesClientCertificates() {
    HttpClient certified = client(api.ca().client("root", "system:masters"));

    Answer answer =
        Await.result(
            certified
                .request(HttpMethod.GET, ROLES)
                .compose(request -> request.send().compose(KubernetesStandInIT::read)));

    assertThat(answer.code()).isEqualTo(200);
  }

  @Test
  void issuesTokensOnRequest() {
    api.serviceAccount("team", "grafana");
    JsonObject spec =
        new JsonObject()
            .put("audiences", new JsonArray().add("tempo"))
            .put("expirationSeconds", 600);

    Answer answer =
        call(
            HttpMethod.POST,
            "/api/v1/namespaces/team/serviceaccounts/grafana/token",
            admin,
            new JsonObject().put("spec", spec));

    assertThat(answer.code()).isEqualTo(201);
    String token = answer.body().getJsonObject("status").getString("token");
    assertThat(review(token, "tempo").getBoolean("authenticated")).isTrue();
  }

  @Test
  void publishesItsKeys() {
    Answer keys = call(HttpMethod.GET, "/openid/v1/jwks", admin, null);
    Answer document = call(HttpMethod.GET, "/.well-known/openid-configuration", admin, null);

    assertThat(keys.body().getJsonArray("keys").getJsonObject(0).getString("kty")).isEqualTo("RSA");
    assertThat(document.body().getString("issuer")).isEqualTo(api.issuer().issuer());
    assertThat(call(HttpMethod.GET, "/openid/v1/jwks", "", null).code()).isEqualTo(403);
  }

  @Test
  void createsReadsUpdatesAndDeletes() {
    JsonObject role = new JsonObject("{\"metadata\":{\"name\":\"r\"},\"rules\":[]}");

    JsonObject created = call(HttpMethod.POST, ROLES, admin, role).body();
    assertThat(created.getString("kind")).isEqualTo("ClusterRole");
    assertThat(call(HttpMethod.POST, ROLES, admin, role).code()).isEqualTo(409);
    assertThat(call(HttpMethod.PUT, ROLES + "/r", admin, created).code()).isEqualTo(200);
    assertThat(call(HttpMethod.PUT, ROLES + "/r", admin, created).code()).isEqualTo(409);
    assertThat(call(HttpMethod.GET, ROLES + "/r", admin, null).code()).isEqualTo(200);
    assertThat(
            call(HttpMethod.GET, ROLES + "?fieldSelector=metadata.name%3Dr", admin, null)
                .body()
                .getJsonArray("items"))
        .hasSize(1);
    assertThat(call(HttpMethod.DELETE, ROLES + "/r", admin, null).code()).isEqualTo(200);
    assertThat(call(HttpMethod.GET, ROLES + "/r", admin, null).code()).isEqualTo(404);
  }

  @Test
  void writesTheRulesOfAggregatedRoles() {
    api.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: all}
        aggregationRule: {clusterRoleSelectors: [{matchLabels: {part: "yes"}}]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: one, labels: {part: "yes"}}
        rules: [{apiGroups: [tempo.grafana.com], resources: [shop], verbs: [get]}]
        """);
    ServiceAccount account = api.serviceAccount("team", "grafana");
    api.bind(account.subject(), "all");

    assertThat(access(account, "get", "shop").getBoolean("allowed")).isTrue();
    api.delete(Resource.CLUSTER_ROLES, "", "one");
    assertThat(access(account, "get", "shop").getBoolean("allowed")).isFalse();
  }

  @Test
  void watches() throws Exception {
    long revision = revision();
    api.grant(Subject.user("before"), Rule.readTraces("shop"));
    BlockingQueue<JsonObject> events = watch("?watch=true&resourceVersion=" + revision);

    assertThat(type(events)).isEqualTo("ADDED");
    api.apply(
        """
        {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": []}
        """);
    assertThat(type(events)).isEqualTo("ADDED");
    api.apply(
        """
        {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [{"verbs": ["get"]}]}
        """);
    assertThat(type(events)).isEqualTo("MODIFIED");
    api.delete(Resource.CLUSTER_ROLES, "", "r");
    assertThat(type(events)).isEqualTo("DELETED");
    api.bookmark();
    assertThat(type(events)).isEqualTo("BOOKMARK");
    api.dropWatches();
    assertThat(type(events)).isEqualTo("END");
    assertThat(api.watches()).isZero();
  }

  @Test
  void saysGoneWhenARevisionIsTooOld() throws Exception {
    long revision = revision();
    api.compact();

    JsonObject event = watch("?watch=1&resourceVersion=" + revision).poll(20, TimeUnit.SECONDS);

    assertThat(event.getString("type")).isEqualTo("ERROR");
    assertThat(event.getJsonObject("object").getInteger("code")).isEqualTo(410);
  }

  @Test
  void failsAsOrderedAndCounts() {
    api.faults().once(RequestKind.TOKEN_REVIEW, Fault.throttled(Duration.ofSeconds(3)));
    assertThat(call(HttpMethod.POST, TOKEN_REVIEWS, admin, tokenReview("x")).code()).isEqualTo(429);

    api.faults().always(RequestKind.TOKEN_REVIEW, Fault.reset());
    assertThatThrownBy(() -> call(HttpMethod.POST, TOKEN_REVIEWS, admin, tokenReview("x")))
        .isInstanceOf(IllegalStateException.class);
    api.faults().clear();

    assertThat(call(HttpMethod.POST, TOKEN_REVIEWS, admin, tokenReview("x")).code()).isEqualTo(201);
    assertThat(api.requests().of(RequestKind.TOKEN_REVIEW)).isEqualTo(3);
    int port = api.port();
    api.stopListening();
    assertThatThrownBy(() -> call(HttpMethod.GET, ROLES, admin, null))
        .isInstanceOf(IllegalStateException.class);
    api.listenAgain(port);
    assertThat(call(HttpMethod.GET, ROLES, admin, null).code()).isEqualTo(200);
  }

  @Test
  void writesKubeconfigs(@TempDir Path directory) throws Exception {
    Path file = api.kubeconfig().withToken(directory.resolve("config"), "secret");

    assertThat(Manifests.parse(Files.readString(file)))
        .singleElement()
        .extracting(config -> config.getJsonArray("clusters").getJsonObject(0))
        .extracting(cluster -> cluster.getJsonObject("cluster").getString("server"))
        .isEqualTo(api.url());
  }

  private long revision() {
    return Long.parseLong(
        call(HttpMethod.GET, ROLES, admin, null)
            .body()
            .getJsonObject("metadata")
            .getString("resourceVersion"));
  }

  private BlockingQueue<JsonObject> watch(String query) {
    BlockingQueue<JsonObject> events = new LinkedBlockingQueue<>();
    HttpClientResponse response =
        Await.result(
            http.request(HttpMethod.GET, ROLES + query)
                .compose(request ->
                    request
                        .putHeader("authorization", "Bearer " + admin)
                        .send()
                        .onSuccess(answer ->
                            answer
                                .handler(lines -> split(lines, events))
                                .endHandler(
                                    end -> events.add(new JsonObject().put("type", "END"))))));
    assertThat(response.statusCode()).isEqualTo(200);
    return events;
  }

  private static void split(Buffer lines, BlockingQueue<JsonObject> events) {
    lines.toString().lines().map(JsonObject::new).forEach(events::add);
  }

  private static String type(BlockingQueue<JsonObject> events) throws InterruptedException {
    return events.poll(20, TimeUnit.SECONDS).getString("type");
  }

  private static void assertRejected(JsonObject status, String why) {
    assertThat(status.getBoolean("authenticated", false)).isFalse();
    assertThat(status.getString("error")).contains(why);
  }

  private JsonObject review(String token, String... audiences) {
    JsonObject review = tokenReview(token);
    for (String audience : audiences) {
      JsonObject spec = review.getJsonObject("spec");
      spec.put("audiences", spec.getJsonArray("audiences", new JsonArray()).add(audience));
    }
    return call(HttpMethod.POST, TOKEN_REVIEWS, admin, review).body().getJsonObject("status");
  }

  private static JsonObject tokenReview(String token) {
    return new JsonObject().put("spec", new JsonObject().put("token", token));
  }

  private JsonObject access(ServiceAccount who, String verb, String tenant) {
    JsonObject attributes =
        new JsonObject()
            .put("group", "tempo.grafana.com")
            .put("resource", tenant)
            .put("name", "traces")
            .put("verb", verb);
    JsonObject spec =
        new JsonObject().put("user", who.username()).put("resourceAttributes", attributes);
    return call(HttpMethod.POST, ACCESS_REVIEWS, admin, new JsonObject().put("spec", spec))
        .body()
        .getJsonObject("status");
  }

  private Answer call(HttpMethod method, String path, String token, @Nullable JsonObject body) {
    return Await.result(
        http.request(method, path)
            .compose(request -> {
              if (!token.isEmpty()) {
                request.putHeader("authorization", "Bearer " + token);
              }
              Future<HttpClientResponse> response =
                  body == null ? request.send() : request.send(body.toBuffer());
              return response.compose(KubernetesStandInIT::read);
            }));
  }

  private static Future<Answer> read(HttpClientResponse response) {
    return response
        .body()
        .map(body ->
            new Answer(
                response.statusCode(),
                body.toString().startsWith("{") ? new JsonObject(body) : new JsonObject()));
  }

  private HttpClient client(TestCa.@Nullable Issued certificate) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setDefaultHost("127.0.0.1")
            .setDefaultPort(api.port())
            .setSsl(true)
            .setVerifyHost(false)
            .setTrustOptions(api.ca().trustOptions());
    if (certificate != null) {
      options.setKeyCertOptions(certificate.keyCertOptions());
    }
    return vertx.createHttpClient(options);
  }

  private record Answer(int code, JsonObject body) {}
}
