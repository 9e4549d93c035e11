package io.scopegate.demo;

import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.scopegate.testkit.kubernetes.TokenSpec;
import io.scopegate.testkit.tempo.TempoStandIn;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** Everything that runs: the stand-ins, the gateway, its files and the clients' tokens. */
final class Stage {
  private static final Duration TOKEN_LIFETIME = Duration.ofHours(24);

  private final Workspace workspace;
  private final KubernetesStandIn kubernetes;
  private final TempoStandIn tempo;
  private final TestCa ca = TestCa.create();
  private final Addresses addresses;
  private final Clients clients;

  private Stage(Opened opened, Ports ports) throws IOException {
    workspace = opened.keep(Workspace.create());
    kubernetes = opened.keep(KubernetesStandIn.start());
    kubernetes.apply(resource("rbac.yaml"));
    // Any free ports: nobody but the gateway is to speak to it.
    tempo = opened.keep(TempoStandIn.start());
    addresses =
        new Addresses(
            ports.choose(4317),
            ports.choose(4318),
            ports.choose(3200),
            ports.choose(8080),
            ports.choose(8081));
    writeFiles();
    Path configuration = workspace.write("scopegate.yaml", configuration());
    opened.keep(
        GatewayProcess.start(
            configuration,
            Map.of("SCOPEGATE_FILES", workspace.directory().toString())::get,
            workspace.file("scopegate.log")));
    clients = opened.keep(new Clients(ca, addresses));
    clients.awaitReady();
  }

  /**
   * Starts everything and returns when the gateway is ready.
   *
   * @param opened keeps what was started, also when something else could not be
   * @param ports the gateway's ports
   */
  static Stage open(Opened opened, Ports ports) throws IOException {
    return new Stage(opened, ports);
  }

  KubernetesStandIn kubernetes() {
    return kubernetes;
  }

  TempoStandIn tempo() {
    return tempo;
  }

  Addresses addresses() {
    return addresses;
  }

  Clients clients() {
    return clients;
  }

  Path directory() {
    return workspace.directory();
  }

  /** A token of one of the accounts of the demo's manifests. */
  String token(String namespace, String account) {
    ServiceAccount whose = kubernetes.serviceAccount(namespace, account);
    return kubernetes.token(whose, TokenSpec.defaults().lasting(TOKEN_LIFETIME));
  }

  private void writeFiles() throws IOException {
    TestCa.Issued certificate = ca.server();
    workspace.write("ca.crt", ca.pem());
    workspace.write("tls.crt", certificate.certificatePem());
    workspace.write("tls.key", certificate.keyPem());
    workspace.write("rbac.yaml", resource("rbac.yaml"));
    workspace.write("scopegate.token", token("scopegate", "scopegate"));
    workspace.write("showcase-collector.token", token("showcase", "collector"));
    workspace.write("showcase-grafana.token", token("showcase", "grafana"));
    workspace.write("payments-grafana.token", token("payments", "grafana"));
    kubernetes
        .kubeconfig()
        .withTokenFile(workspace.file("kubeconfig"), workspace.file("scopegate.token"));
  }

  private String configuration() throws IOException {
    return resource("scopegate.yaml")
        .replace("TEMPO_OTLP_GRPC", Integer.toString(tempo.otlpGrpcPort()))
        .replace("TEMPO_OTLP_HTTP", Integer.toString(tempo.otlpHttpPort()))
        .replace("TEMPO_QUERY", Integer.toString(tempo.queryPort()))
        .replace("OTLP_GRPC", Integer.toString(addresses.otlpGrpc()))
        .replace("OTLP_HTTP", Integer.toString(addresses.otlpHttp()))
        .replace("QUERY", Integer.toString(addresses.query()))
        .replace("ADMIN", Integer.toString(addresses.admin()))
        .replace("CONSOLE", Integer.toString(addresses.console()));
  }

  static String resource(String name) throws IOException {
    try (InputStream in = Stage.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /**
   * The gateway's ports.
   *
   * @param otlpGrpc OTLP over gRPC
   * @param otlpHttp OTLP over HTTP
   * @param query queries, by HTTP and gRPC
   * @param admin health and metrics
   * @param console the console
   */
  record Addresses(int otlpGrpc, int otlpHttp, int query, int admin, int console) {}
}
