package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.scopegate.testkit.TestCa;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What kube-rbac-proxy's own end-to-end tests try, with its own flags against a real API server:
 * with Scopegate in its place, and with itself where its binary is there, which shows that what is
 * expected here is what it does.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DropInIT {
  private static final Duration READY = Duration.ofSeconds(60);

  private static final String BY_QUERY =
      """
      authorization:
        rewrites:
          byQueryParameter:
            name: "namespace"
        resourceAttributes:
          resource: namespaces
          subresource: metrics
          namespace: "{{ .Value }}"
        static:
          - user:
              name: system:serviceaccount:dropin:static
            resourceRequest: true
            resource: namespaces
            subresource: metrics
            namespace: default
            verb: get
      """;

  private static final String BY_PATH =
      """
      authorization:
        static:
          - user:
              name: system:serviceaccount:dropin:static
            resourceRequest: false
            verb: get
            path: /metrics
      """;

  private static final String BY_TENANT =
      """
      authorization:
        rewrites:
          byHttpHeader: {name: X-Scope-OrgID}
        resourceAttributes:
          apiGroup: tempo.grafana.com
          resource: "{{ .Value }}"
          name: traces
      """;

  private static final AtomicInteger RUNS = new AtomicInteger();

  private Cluster cluster;
  @AutoClose private EchoUpstream upstream;
  private @Nullable Part running;
  private int port;
  private String scheme = "https";

  /** Who stands in front of the upstream. */
  enum Proxy {
    SCOPEGATE,
    KUBE_RBAC_PROXY
  }

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
    upstream = new EchoUpstream();
    for (String account : List.of("allowed", "nobody", "static")) {
      cluster.account("dropin", account);
    }
    cluster.account("openshift-monitoring", "prometheus-k8s");
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: dropin-metrics}
        rules:
          - {nonResourceURLs: [/metrics, /api/v1/label/job/values], verbs: [get]}
          - apiGroups: [monitoring.coreos.com]
            resources: [alertmanagers/api, prometheusrules]
            verbs: [get]
          - {apiGroups: [metrics.k8s.io], resources: [pods], verbs: [get]}
          - {apiGroups: [""], resources: [namespace/metrics], verbs: [get]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: dropin-metrics}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: dropin-metrics}
        subjects:
          - {kind: ServiceAccount, name: allowed, namespace: dropin}
          - {kind: User, apiGroup: rbac.authorization.k8s.io, name: dropin-client}
        """);
  }

  @AfterEach
  void stop() {
    Part part = running;
    running = null;
    scheme = "https";
    if (part != null) {
      part.close();
      assertThat(cluster.tokensSeenIn(part)).as("tokens in the log").isEmpty();
      assertThat(part.output()).doesNotContain("LEAK:");
    }
  }

  // ---- running one of the two

  private void run(Proxy proxy, String... more) {
    port = FreePorts.next();
    List<String> flags =
        new ArrayList<>(
            List.of(
                "--secure-listen-address=127.0.0.1:" + port,
                "--upstream=" + upstream.url() + "/",
                "--kubeconfig=" + cluster.kubeconfig()));
    flags.addAll(List.of(more));
    start(proxy, flags);
  }

  private void start(Proxy proxy, List<String> flags) {
    Path directory = Scratch.directory("dropin-" + RUNS.incrementAndGet());
    running =
        Part.start(
            proxy.name().toLowerCase(Locale.ROOT), directory, Map.of(), command(proxy, flags));
    Until.holds("the port is open, see " + directory, READY, this::isOpen);
  }

  private static List<String> command(Proxy proxy, List<String> flags) {
    List<String> command = new ArrayList<>();
    if (proxy == Proxy.SCOPEGATE) {
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(
          List.of(
              "-XX:+UseSerialGC",
              "-Dio.netty.leakDetection.level=paranoid",
              "-cp",
              System.getProperty("java.class.path"),
              "io.scopegate.gateway.cli.Main",
              "serve"));
    } else {
      assumeTrue(Parts.has("kube-rbac-proxy"), "no kube-rbac-proxy: see e2e/README.md");
      command.add(Parts.need("kube-rbac-proxy").toString());
    }
    command.addAll(flags);
    return command;
  }

  private boolean isOpen() throws IOException {
    Part part = running;
    if (part == null || !part.isAlive()) {
      throw new IllegalStateException(part == null ? "nothing runs" : part.output());
    }
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (ConnectException e) {
      return false;
    }
  }

  private static String configFile(Cluster cluster, String yaml) {
    return "--config-file=" + Scratch.write(cluster.file("dropin.yaml"), yaml);
  }

  // ---- asking it

  private HttpResponse<String> get(String path, String... headers) {
    return send(client(null, "TLSv1.3"), "GET", path, headers);
  }

  /** As a client that is told to come again does until it is ready. */
  private HttpResponse<String> send(
      HttpClient client, String method, String path, String... headers) {
    AtomicReference<HttpResponse<String>> last = new AtomicReference<>();
    Until.holds(
        "an answer",
        READY,
        () -> {
          last.set(once(client, method, path, headers));
          return last.get().statusCode() != 503;
        });
    return last.get();
  }

  private HttpResponse<String> once(
      HttpClient client, String method, String path, String... headers) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(scheme + "://127.0.0.1:" + port + path))
            .timeout(READY)
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (scheme.equals("http")) { // the JDK's offer of an upgrade is not what scrapers send
      request.version(HttpClient.Version.HTTP_1_1);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private String[] bearer(String account, String... audiences) {
    return new String[] {
      "authorization", "Bearer " + cluster.token("dropin", account, List.of(audiences))
    };
  }

  private static HttpClient client(KeyManager @Nullable [] shown, String version) {
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(shown, new TrustManager[] {new Anybody()}, null);
      return HttpClient.newBuilder()
          .sslContext(tls)
          .sslParameters(new SSLParameters(null, new String[] {version}))
          .connectTimeout(Duration.ofSeconds(10))
          .build();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As curl -k has it: a certificate that nobody has signed will do. */
  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  // ---- rights

  @ParameterizedTest
  @EnumSource
  void withoutRbacARequestFails(Proxy proxy) {
    run(proxy);
    assertThat(get("/metrics", bearer("nobody")).statusCode()).isEqualTo(403);
    assertThat(get("/metrics").statusCode()).isEqualTo(401);
  }

  @ParameterizedTest
  @EnumSource
  void withRbacARequestSucceeds(Proxy proxy) {
    run(proxy);
    HttpResponse<String> answer = get("/metrics", bearer("allowed"));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("GET /metrics\n").doesNotContain("authorization: ");
    assertThat(get("/other", bearer("allowed")).statusCode()).isEqualTo(403);
    assertThat(send(client(null, "TLSv1.3"), "POST", "/metrics", bearer("allowed")).statusCode())
        .isEqualTo(403);
  }

  // ---- the upstream

  @ParameterizedTest
  @EnumSource
  void anUpstreamOfHttp2InClearText(Proxy proxy) {
    run(proxy, "--upstream-force-h2c=true");
    assertThat(get("/metrics", bearer("allowed")).body()).startsWith("HTTP_2\n");
  }

  // ---- client certificates

  private KeyManager[] certificate(String name) {
    return Http.keys(cluster.ca().client(name));
  }

  private String authorities(TestCa ca) {
    Path file = cluster.file("clients.crt");
    ca.writePem(file);
    return "--client-ca-file=" + file;
  }

  private int byCertificate(String name) {
    return send(client(certificate(name), "TLSv1.3"), "GET", "/metrics").statusCode();
  }

  @ParameterizedTest
  @EnumSource
  void aClientCertificateWithoutRbacFails(Proxy proxy) {
    run(proxy, authorities(cluster.ca()));
    assertThat(byCertificate("dropin-stranger")).isEqualTo(403);
  }

  @ParameterizedTest
  @EnumSource
  void aClientCertificateWithRbacSucceeds(Proxy proxy) {
    run(proxy, authorities(cluster.ca()));
    assertThat(byCertificate("dropin-client")).isEqualTo(200);
    assertThat(get("/metrics", bearer("allowed")).statusCode()).isEqualTo(200);
  }

  /** Neither lets it in, and it does no harm to a token. */
  @ParameterizedTest
  @EnumSource
  void aClientCertificateOfAnotherAuthorityFailsButForATokenBesideIt(Proxy proxy)
      throws IOException {
    run(proxy, authorities(TestCa.create()));
    assertThat(byCertificate("dropin-client")).isEqualTo(401);
    HttpClient client = client(certificate("dropin-client"), "TLSv1.2");
    assertThat(once(client, "GET", "/metrics", bearer("allowed")).statusCode()).isEqualTo(200);
  }

  // ---- audiences

  @ParameterizedTest
  @EnumSource
  void aTokenForAnotherAudienceFails(Proxy proxy) {
    run(proxy, "--auth-token-audiences=kube-rbac-proxy");
    assertThat(get("/metrics", bearer("allowed", "wrong-audience")).statusCode()).isEqualTo(401);
  }

  @ParameterizedTest
  @EnumSource
  void aTokenForTheRightAudienceSucceeds(Proxy proxy) {
    run(proxy, "--auth-token-audiences=kube-rbac-proxy");
    assertThat(get("/metrics", bearer("allowed", "kube-rbac-proxy")).statusCode()).isEqualTo(200);
  }

  // ---- paths

  @ParameterizedTest
  @EnumSource
  void aPathThatIsNotAllowedIsNotFound(Proxy proxy) {
    run(proxy, "--allow-paths=/metrics,/api/v1/label/*/values");
    assertThat(get("/", bearer("allowed")).statusCode()).isEqualTo(404);
    assertThat(get("/api/v1/label/name", bearer("allowed")).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @EnumSource
  void aPathThatIsAllowedNeedsItsRight(Proxy proxy) {
    run(proxy, "--allow-paths=/metrics,/api/v1/label/*/values");
    assertThat(get("/metrics", bearer("allowed")).statusCode()).isEqualTo(200);
    assertThat(get("/api/v1/label/job/values", bearer("allowed")).statusCode()).isEqualTo(200);
    assertThat(get("/metrics").statusCode()).isEqualTo(401);
  }

  @ParameterizedTest
  @EnumSource
  void anIgnoredPathNeedsNoToken(Proxy proxy) {
    run(proxy, "--ignore-paths=/metrics,/api/v1/*");
    assertThat(get("/metrics").statusCode()).isEqualTo(200);
    assertThat(get("/api/v1/labels").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void anyOtherPathNeedsOne(Proxy proxy) {
    run(proxy, "--ignore-paths=/metrics,/api/v1/*");
    assertThat(get("/").statusCode()).isEqualTo(401);
    assertThat(get("/api/v1/label/job/values").statusCode()).isEqualTo(401);
    assertThat(get("/api/v1/label/job/values", bearer("allowed")).statusCode()).isEqualTo(200);
  }

  // ---- TLS

  @ParameterizedTest
  @CsvSource({
    "SCOPEGATE, TLSv1.2",
    "SCOPEGATE, TLSv1.3",
    "KUBE_RBAC_PROXY, TLSv1.2",
    "KUBE_RBAC_PROXY, TLSv1.3"
  })
  void versionsOfTls(Proxy proxy, String version) {
    run(proxy);
    HttpResponse<String> answer = send(client(null, version), "GET", "/metrics", bearer("allowed"));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.sslSession().orElseThrow().getProtocol()).isEqualTo(version);
  }

  @ParameterizedTest
  @EnumSource
  void noOlderVersionThanTheOneThatIsAskedFor(Proxy proxy) {
    run(proxy, "--tls-min-version=VersionTLS13");
    assertThat(get("/metrics", bearer("allowed")).statusCode()).isEqualTo(200);
    HttpClient old = client(null, "TLSv1.2");
    assertThatThrownBy(() -> once(old, "GET", "/metrics")).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @EnumSource
  void onlyTheSuitesThatAreAskedFor(Proxy proxy) {
    run(proxy, "--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    HttpResponse<String> answer =
        send(client(null, "TLSv1.2"), "GET", "/metrics", bearer("allowed"));
    assertThat(answer.sslSession().orElseThrow().getCipherSuite())
        .isEqualTo("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  }

  // ---- the file

  @ParameterizedTest
  @EnumSource
  void aStaticRuleGrantsWhatTheQueryNames(Proxy proxy) {
    run(proxy, configFile(cluster, BY_QUERY));
    assertThat(get("/metrics?namespace=default", bearer("static")).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void nothingElseIsGranted(Proxy proxy) {
    run(proxy, configFile(cluster, BY_QUERY));
    String[] token = bearer("static");
    assertThat(get("/metrics?namespace=forbidden", token).statusCode()).isEqualTo(403);
    assertThat(get("/metrics?namespace=default&namespace=forbidden", token).statusCode())
        .isEqualTo(403);
    assertThat(get("/metrics", token).statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @EnumSource
  void aStaticRuleGrantsAPath(Proxy proxy) {
    run(proxy, configFile(cluster, BY_PATH));
    assertThat(get("/metrics", bearer("static")).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void noOtherPathIsGranted(Proxy proxy) {
    run(proxy, configFile(cluster, BY_PATH));
    assertThat(get("/forbidden", bearer("static")).statusCode()).isEqualTo(403);
  }

  // ---- HTTP/2

  @ParameterizedTest
  @EnumSource
  void http2IsSpoken(Proxy proxy) {
    run(proxy, "--ignore-paths=/metrics,/api/v1/*");
    assertThat(send(client(null, "TLSv1.3"), "HEAD", "/metrics").version())
        .isEqualTo(HttpClient.Version.HTTP_2);
  }

  @ParameterizedTest
  @EnumSource
  void http2CanBeDisabled(Proxy proxy) {
    run(proxy, "--ignore-paths=/metrics,/api/v1/*", "--http2-disable=true");
    HttpResponse<String> answer = send(client(null, "TLSv1.3"), "HEAD", "/metrics");
    assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    assertThat(answer.statusCode()).isEqualTo(200);
  }

  // ---- flags

  @ParameterizedTest
  @EnumSource
  void oldFlagsAreAccepted(Proxy proxy) {
    run(
        proxy,
        "--add-dir-header=true",
        "--alsologtostderr=true",
        "--log-backtrace-at=0",
        "--log-dir=mustnotexist",
        "--log-file=mustnotexist",
        "--log-file-max-size=1800",
        "--one-output=true",
        "--skip-headers=true",
        "--skip-log-headers=true",
        "--stderrthreshold=2");
    assertThat(get("/metrics", bearer("allowed")).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void loggingToStandardErrorIsAccepted(Proxy proxy) {
    run(proxy, "--logtostderr=true");
    assertThat(get("/metrics", bearer("allowed")).statusCode()).isEqualTo(200);
  }

  /** What is logged then is looked at after every test. */
  @ParameterizedTest
  @EnumSource
  void tokensAreMaskedHoweverMuchIsLogged(Proxy proxy) {
    run(proxy, "--logtostderr=true", "--v=10");
    assertThat(get("/metrics", bearer("allowed")).statusCode()).isEqualTo(200);
    assertThat(get("/metrics", "authorization", "Bearer not.a.token").statusCode()).isEqualTo(401);
  }

  @ParameterizedTest
  @EnumSource
  void healthIsOnAPortOfItsOwn(Proxy proxy) {
    int health = FreePorts.next();
    run(proxy, "--proxy-endpoints-port=" + health);
    port = health;
    Until.holds("the port is open", READY, this::isOpen);
    HttpResponse<String> answer = get("/healthz");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("ok");
    assertThat(get("/metrics").statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @EnumSource
  void theUpstreamIsToldWhoItIs(Proxy proxy) {
    run(proxy, "--auth-header-fields-enabled=true");
    assertThat(get("/metrics", with(bearer("allowed"), "x-remote-user", "root")).body())
        .contains("x-remote-user: system:serviceaccount:dropin:allowed\n")
        .contains("system:serviceaccounts:dropin|")
        .doesNotContain("root");
  }

  private static String[] with(String[] headers, String... more) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  // ---- as others start it

  static List<PublicFlags> publicFlags() {
    return PublicFlags.kinds();
  }

  /** What each answers to everybody, for what is asked behind such proxies. */
  @ParameterizedTest
  @MethodSource("publicFlags")
  void flagsOfPublicRepositoriesGetTheSameAnswersFromBoth(PublicFlags flags) {
    assumeTrue(Parts.has("kube-rbac-proxy"), "no kube-rbac-proxy: see e2e/README.md");
    Map<String, String> there = answers(Proxy.KUBE_RBAC_PROXY, flags);
    stop();
    assertThat(answers(Proxy.SCOPEGATE, flags)).isEqualTo(there);
  }

  private Map<String, String> answers(Proxy proxy, PublicFlags flags) {
    port = FreePorts.next();
    scheme = flags.isInsecure() ? "http" : "https";
    TestCa.Issued server = cluster.ca().server();
    Map<String, Path> files =
        Map.of(
            "--tls-cert-file", server.writeCertificate(cluster.file("tls.crt")),
            "--tls-private-key-file", server.writeKey(cluster.file("tls.key")),
            "--client-ca-file", cluster.ca().writePem(cluster.file("clients.crt")),
            "--kubeconfig", cluster.kubeconfig());
    start(proxy, flags.here(port, upstream.url(), files));
    Map<String, String[]> callers = new LinkedHashMap<>();
    callers.put("without a token", new String[0]);
    callers.put("with a bad token", new String[] {"authorization", "Bearer not.a.token"});
    callers.put("without rights", bearer("nobody"));
    callers.put("with rights", bearer("allowed"));
    callers.put("prometheus", prometheus());
    Map<String, String> answers = new LinkedHashMap<>();
    for (String path :
        List.of("/metrics", "/federate", "/-/ready", "/livez", "/api/v1/query?namespace=default")) {
      callers.forEach((who, headers) -> {
        HttpResponse<String> answer = get(path, headers);
        answers.put(
            path + " " + who,
            answer.statusCode() + (answer.body().contains("GET ") ? " by the upstream" : ""));
      });
    }
    return answers;
  }

  private String[] prometheus() {
    return new String[] {
      "authorization", "Bearer " + cluster.token("openshift-monitoring", "prometheus-k8s")
    };
  }

  // ---- the guide: before, switch, roll back

  @Test
  void theSameFlagsServeBeforeTheSwitchAfterItAndAfterTheWayBack() {
    assumeTrue(Parts.has("kube-rbac-proxy"), "no kube-rbac-proxy: see e2e/README.md");
    String file = configFile(cluster, BY_TENANT);
    String[] search = {
      "authorization", "Bearer " + cluster.token("payments", "query"), "x-scope-orgid", "payments"
    };
    for (Proxy proxy : List.of(Proxy.KUBE_RBAC_PROXY, Proxy.SCOPEGATE, Proxy.KUBE_RBAC_PROXY)) {
      run(proxy, file);
      assertThat(get("/api/search", search).statusCode()).as("%s", proxy).isEqualTo(200);
      assertThat(get("/api/search", with(search, "x-scope-orgid", "other")).statusCode())
          .as("%s", proxy)
          .isIn(400, 403);
      stop();
    }
  }

  // ---- tenants

  @ParameterizedTest
  @EnumSource
  void theTenantThatIsReviewedIsTheOneThatGoesOn(Proxy proxy) {
    run(proxy, configFile(cluster, BY_TENANT));
    String[] query = {"authorization", "Bearer " + cluster.token("showcase", "query")};
    assertThat(get("/api/search", with(query, "x-scope-orgid", "showcase")).body())
        .contains("x-scope-orgid: showcase\n");
    assertThat(get("/api/search", with(query, "x-scope-orgid", "payments")).statusCode())
        .isEqualTo(403);
    assertThat(get("/api/search", query).statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @EnumSource
  void aTenantThatNobodyReviewsGoesOnAsItDid(Proxy proxy) {
    run(proxy);
    assertThat(get("/metrics", with(bearer("allowed"), "x-scope-orgid", "any")).body())
        .contains("x-scope-orgid: any\n");
  }

  /** The one difference that a switch is for. */
  @ParameterizedTest
  @EnumSource
  void knownReadsOverGrpcNeedTheRightToReadHereAndToWriteThere(Proxy proxy) {
    run(proxy, configFile(cluster, BY_TENANT), "--upstream-force-h2c=true");
    assertThat(get("/api/search").statusCode()).isEqualTo(401); // it decides now
    HttpClient client = client(null, "TLSv1.3");
    boolean here = proxy == Proxy.SCOPEGATE;
    for (String account : List.of("query", "ingest")) {
      HttpResponse<String> answer =
          send(
              client,
              "POST",
              "/tempopb.StreamingQuerier/Search",
              "authorization",
              "Bearer " + cluster.token("showcase", account),
              "x-scope-orgid",
              "showcase",
              "content-type",
              "application/grpc");
      boolean passed = answer.body().contains("StreamingQuerier");
      assertThat(passed).as("%s by %s", account, proxy).isEqualTo(here == account.equals("query"));
    }
  }
}
