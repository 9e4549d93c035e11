package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.config.FileWatcher;
import io.scopegate.config.PemFiles;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.testkit.Await;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A whole gateway on free ports, with a Kubernetes that lets one account write for a tenant. */
final class GatewayHarness implements AutoCloseable {
  static final String TENANT = "acme";

  private static final int WATCHED_KINDS = 6;
  private static final long PATIENCE_NANOS = 30_000_000_000L;

  final KubernetesStandIn kubernetes = KubernetesStandIn.start();
  final TestCa ca = TestCa.create();
  final String token;
  final Path directory;
  final Gateway gateway;
  private final Telemetry telemetry;
  private final @Nullable FileWatcher files;
  private final Path configDirectory;
  private int revision;
  private boolean stopped;

  private GatewayHarness(
      String yaml, Telemetry telemetry, @Nullable FileWatcher files, boolean watching) {
    this(yaml, telemetry, files, watching, kubernetes -> {});
  }

  private GatewayHarness(
      String yaml,
      Telemetry telemetry,
      @Nullable FileWatcher files,
      boolean watching,
      Consumer<KubernetesStandIn> cluster) {
    this.telemetry = telemetry;
    this.files = files;
    try {
      directory = Files.createTempDirectory("gateway-it");
      ServiceAccount reviewer = kubernetes.serviceAccount("scopegate", "scopegate");
      kubernetes.bind(reviewer.subject(), "system:auth-delegator");
      if (watching) {
        kubernetes.grantWatching(reviewer.subject());
      }
      kubernetes
          .kubeconfig()
          .withToken(directory.resolve("kubeconfig"), kubernetes.token(reviewer));
      cluster.accept(kubernetes);
      token = newToken("writer");
      writeCertificate(ca.server());
      configDirectory = Files.createDirectory(directory.resolve("config"));
      writeConfiguration(yaml);
      Path file =
          Files.createSymbolicLink(
              configDirectory.resolve("scopegate.yaml"), Path.of("..data/scopegate.yaml"));
      LoadedConfig loaded = LoadedConfig.load(file, name -> null);
      assertThat(loaded.problems()).isEmpty();
      gateway =
          Await.result(
              files == null
                  ? Gateway.start(loaded.config(), telemetry)
                  : Gateway.start(loaded.config(), telemetry, files));
      if (files != null) {
        gateway.follow(loaded);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    until(gateway::isReady);
  }

  /**
   * Starts a gateway.
   *
   * @param yaml upstreams and listeners, and whatever else; {@code DIR} is the directory that holds
   *     {@code tls.crt}, {@code tls.key} and {@code ca.crt}
   */
  static GatewayHarness start(String yaml) {
    return start(yaml, new Telemetry(null, 10, "test"));
  }

  /** The same with telemetry of the test's own, which ends with the gateway. */
  static GatewayHarness start(String yaml, Telemetry telemetry) {
    return new GatewayHarness(yaml, telemetry, null, false);
  }

  /** The same with a configuration that is followed by {@link #reload}. */
  static GatewayHarness following(String yaml) {
    return new GatewayHarness(yaml, new Telemetry(null, 10, "test"), new FileWatcher(), false);
  }

  /** The same in a cluster that is prepared before. */
  static GatewayHarness following(String yaml, Consumer<KubernetesStandIn> cluster) {
    return new GatewayHarness(
        yaml, new Telemetry(null, 10, "test"), new FileWatcher(), false, cluster);
  }

  /** The same with a gateway that may watch, and does when this returns. */
  static GatewayHarness watching(String yaml) {
    GatewayHarness harness = new GatewayHarness(yaml, new Telemetry(null, 10, "test"), null, true);
    until(() -> harness.kubernetes.watches() == WATCHED_KINDS);
    return harness;
  }

  /** As Kubernetes writes a ConfigMap: a new directory, and a link that is renamed over. */
  private void writeConfiguration(String yaml) throws IOException {
    Path version = Files.createDirectory(configDirectory.resolve("..v" + ++revision));
    Files.writeString(version.resolve("scopegate.yaml"), whole(yaml));
    Path link = configDirectory.resolve("..data_tmp");
    Files.createSymbolicLink(link, version.getFileName());
    Files.move(link, configDirectory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Changes the configuration, and has the gateway look at it. */
  void reload(String yaml) throws IOException {
    writeConfiguration(yaml);
    pollFiles();
  }

  /** Has the gateway look at all files that it follows. */
  void pollFiles() {
    FileWatcher watcher = Objects.requireNonNull(files, "following");
    watcher.poll();
    watcher.poll(); // a change is believed when it is seen twice
  }

  /** What {@code /metrics} shows. */
  String metrics() {
    return new String(telemetry.scrape(), StandardCharsets.UTF_8);
  }

  private String whole(String yaml) {
    String all = yaml;
    if (!yaml.contains("authentication:")) {
      all += "authentication: {kubernetes: {kubeconfig: \"DIR/kubeconfig\"}}\n";
    }
    if (!yaml.contains("admin:")) {
      all += "admin: {address: \"127.0.0.1:0\", console: \"127.0.0.1:0\"}\n";
    }
    if (!yaml.contains("forwarding:")) {
      all += "forwarding: {drain: 10ms, eventLoops: 1}\n";
    }
    if (!yaml.contains("upstreamChecks:")) {
      all += "upstreamChecks: {interval: 0s}\n"; // upstreams of tests count what they get
    }
    return all.replace("DIR", directory.toString());
  }

  /** Makes an account that may write for the tenant, and a token of its own. */
  String newToken(String account) {
    ServiceAccount writer = kubernetes.serviceAccount("apps", account);
    kubernetes.grant(writer.subject(), Rule.writeTraces(TENANT), Rule.readTraces(TENANT));
    return kubernetes.token(writer);
  }

  void writeCertificate(TestCa.Issued certificate) {
    certificate.writeCertificate(directory.resolve("tls.crt"));
    certificate.writeKey(directory.resolve("tls.key"));
    ca.writePem(directory.resolve("ca.crt"));
  }

  int port(String listener) {
    return gateway.port(listener);
  }

  /** Trusts the authority of the gateway's certificate. */
  SSLContext trust() {
    return trust(ca);
  }

  static SSLContext trust(TestCa ca) {
    return tls(ca.certificate(), null);
  }

  /** The same, and shows a client's certificate. */
  SSLContext showing(TestCa.Issued client) {
    return showing(client, ca.certificate());
  }

  /** The same to a gateway with a certificate of another authority. */
  SSLContext showing(TestCa.Issued client, X509Certificate trusted) {
    Path key = client.writeKey(directory.resolve("client.key"));
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "client",
          PemFiles.privateKey(key),
          new char[0],
          new Certificate[] {client.certificate()});
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      return tls(trusted, keys.getKeyManagers());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static SSLContext tls(X509Certificate trusted, KeyManager @Nullable [] keys) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setCertificateEntry("ca", trusted);
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  // ---- requests

  /** The head of an HTTP/1.1 request that is let in, with further lines. */
  String http1(String method, String path, String... lines) {
    return http1With(token, method, path, lines);
  }

  /** The same with another token. */
  String http1With(String otherToken, String method, String path, String... lines) {
    StringBuilder head = new StringBuilder(method).append(' ').append(path);
    head.append(" HTTP/1.1\r\nHost: tempo.example\r\nX-Scope-OrgID: " + TENANT + "\r\n");
    head.append("Authorization: Bearer ").append(otherToken).append("\r\n");
    for (String line : lines) {
      head.append(line).append("\r\n");
    }
    return head.append("\r\n").toString();
  }

  /** The head of an HTTP/2 request that is let in, with further fields. */
  Http2Headers http2(String method, String path, String... fields) {
    return http2With(token, method, path, fields);
  }

  /** The same with another token. */
  Http2Headers http2With(String otherToken, String method, String path, String... fields) {
    return H2Wire.fields(
            ":method",
            method,
            ":scheme",
            "http",
            ":path",
            path,
            ":authority",
            "tempo.example",
            "x-scope-orgid",
            TENANT,
            "authorization",
            "Bearer " + otherToken)
        .add(H2Wire.fields(fields));
  }

  /** The head of a gRPC call that is let in. */
  Http2Headers grpc(String path, String... fields) {
    return http2("POST", path, "content-type", "application/grpc", "te", "trailers")
        .add(H2Wire.fields(fields));
  }

  // ---- the end

  /** Waits for something that has no event of its own to wait for. */
  static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not within " + PATIENCE_NANOS / 1_000_000_000 + " s");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Nothing of any request is left: no bytes, no exchange. */
  void assertIdle() {
    until(() -> gateway.exchanges() == 0 && gateway.bytesInFlight() == 0);
  }

  /** Closes all connections to these upstreams, and waits until the gateway has none. */
  void dropUpstreams(RawUpstream... upstreams) throws IOException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    do {
      for (RawUpstream upstream : upstreams) {
        upstream.reset();
      }
      assertThat(System.nanoTime() - end).as("connections stay open").isNegative();
    } while (gateway.upstreamConnections() > 0);
  }

  void stop() {
    stopped = true;
    Await.result(gateway.stop());
  }

  /** Ends everything, and makes sure that nothing is left behind. */
  @Override
  public void close() {
    try {
      if (!stopped) {
        assertIdle();
        stop();
      }
      assertThat(gateway.bytesInFlight()).isZero();
    } finally {
      telemetry.close();
      kubernetes.close();
      deleteFiles();
    }
  }

  private void deleteFiles() {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
