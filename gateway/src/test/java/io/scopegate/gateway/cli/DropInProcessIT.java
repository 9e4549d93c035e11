package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.config.PemFiles;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve} with kube-rbac-proxy's flags, as a process of its own. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class DropInProcessIT {
  private static final Pattern OPEN = Pattern.compile("listeners\\.secure: open on .*:(\\d+)");

  @TempDir private Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final KubernetesStandIn kubernetes = KubernetesStandIn.start();
  private final TestCa ca = TestCa.create();
  private final List<String> log = new ArrayList<>();
  private HttpServer upstream;
  private Process process;

  @BeforeEach
  void start() throws Exception {
    upstream =
        vertx
            .createHttpServer(new HttpServerOptions().setHost("127.0.0.1"))
            .requestHandler(request -> request.response().end("metrics"))
            .listen(0)
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    ServiceAccount reviewer = kubernetes.serviceAccount("scopegate", "scopegate");
    kubernetes.bind(reviewer.subject(), "system:auth-delegator");
    kubernetes.kubeconfig().withToken(directory.resolve("kc"), kubernetes.token(reviewer));
  }

  @AfterEach
  void stop() throws Exception {
    if (process != null) {
      process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
    }
    kubernetes.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  /** Starts it and returns its port. */
  private int serve(String address) throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=/proc/no-such-directory",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "serve",
                "--secure-listen-address=" + address,
                "--upstream=http://127.0.0.1:" + upstream.actualPort() + "/",
                "--client-ca-file=" + ca.writePem(directory.resolve("ca.crt")),
                "--kubeconfig=" + directory.resolve("kc"))
            .redirectErrorStream(true)
            .start();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    int port = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      log.add(line);
      Matcher open = OPEN.matcher(line);
      if (open.find()) {
        port = Integer.parseInt(open.group(1));
      }
      if (line.contains("is serving")) {
        return port;
      }
    }
    throw new AssertionError("it has ended: " + log);
  }

  private int status(String host, int port, String token, TestCa.@Nullable Issued own)
      throws Exception {
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(own == null ? null : keys(own), new TrustManager[] {new Anybody()}, null);
    HttpClient client = HttpClient.newBuilder().sslContext(tls).build();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("https://" + host + ":" + port + "/metrics"))
            .timeout(Duration.ofSeconds(60));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    int status;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    do { // the first reviews of a cold process may be late, and are to be retried
      status = client.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    } while (status == 503 && System.nanoTime() - end < 0);
    return status;
  }

  private static KeyManager[] keys(TestCa.Issued own) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "own",
        PemFiles.privateKey(own.keyPem(), "key"),
        new char[0],
        new X509Certificate[] {own.certificate()});
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    // Shown to anybody, whichever authorities the server names.
    return new KeyManager[] {new Shown(factory.getKeyManagers()[0])};
  }

  @Test
  void servesWithoutATemporaryDirectoryOnIpv6AndIpv4AndAForeignCertificateDoesNoHarm()
      throws Exception {
    int port = serve(":0");
    ServiceAccount prometheus = kubernetes.serviceAccount("monitoring", "prometheus");
    kubernetes.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: metrics}
        rules: [{nonResourceURLs: [/metrics], verbs: [get]}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: metrics}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: metrics}
        subjects: [{kind: ServiceAccount, name: prometheus, namespace: monitoring}]
        """);
    String token = kubernetes.token(prometheus);
    TestCa.Issued foreign = TestCa.create().client("mallory", "system:masters");

    assertThat(status("127.0.0.1", port, token, null)).as(log.toString()).isEqualTo(200);
    assertThat(status("127.0.0.1", port, token, foreign)).isEqualTo(200);
    assertThat(status("127.0.0.1", port, "", foreign)).isEqualTo(401);
    assertThat(status("127.0.0.1", port, "", ca.client("mallory"))).isEqualTo(403);
    if (log.stream().anyMatch(line -> line.contains("secure: open on /[0:0:0:0:0:0:0:0"))) {
      assertThat(status("[::1]", port, token, null)).isEqualTo(200);
    }
    assertThat(log).noneMatch(line -> line.contains("Exception"));
  }

  /** Shows a certificate that no authority of the server has issued. */
  private static final class Shown extends X509ExtendedKeyManager {
    private final X509KeyManager keys;

    Shown(KeyManager keys) {
      this.keys = (X509KeyManager) keys;
    }

    @Override
    public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
      return "own";
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return "own";
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return keys.getCertificateChain(alias);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return keys.getPrivateKey(alias);
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return new String[] {"own"};
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return new String[0];
    }

    @Override
    public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return null;
    }
  }

  /** The gateway signs its certificate itself. */
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
}
