package io.scopegate.gateway.cli;

import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.Resource;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.scopegate.testkit.kubernetes.TokenSpec;
import io.scopegate.testkit.tempo.TempoOptions;
import io.scopegate.testkit.tempo.TempoStandIn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import javax.security.auth.x500.X500Principal;

/** What stands around a gateway, broken as a {@link BrokenSetup} says, and files for it. */
final class Surroundings implements AutoCloseable {
  static final String TENANT = "acme";

  private final Path directory;
  private final KubernetesStandIn kubernetes = KubernetesStandIn.start();
  private final TempoStandIn tempo;

  Surroundings(BrokenSetup setup, Path directory) {
    this.directory = directory;
    this.tempo = tempo(setup.text("tempo", ""));
    writeCertificates(kubernetes.ca(), directory);
    kubernetes(setup.text("kubernetes", ""));
  }

  /** Writes {@code tls.crt}, {@code tls.key}, {@code other.key} and an expired pair. */
  static void writeCertificates(TestCa ca, Path directory) {
    TestCa.Issued own = ca.server();
    own.writeCertificate(directory.resolve("tls.crt"));
    own.writeKey(directory.resolve("tls.key"));
    ca.server().writeKey(directory.resolve("other.key"));
    TestCa.Issued expired =
        ca.client(new X500Principal("CN=old"), Instant.now().minusSeconds(3_600));
    expired.writeCertificate(directory.resolve("expired.crt"));
    expired.writeKey(directory.resolve("expired.key"));
  }

  private static TempoStandIn tempo(String kind) {
    TempoStandIn tempo =
        TempoStandIn.start(
            switch (kind) {
              case "single" -> TempoOptions.defaults().withoutTenants();
              case "no-streaming" -> TempoOptions.defaults().withoutStreamOverHttp();
              default -> TempoOptions.defaults();
            });
    if (kind.equals("away")) {
      tempo.close();
    }
    return tempo;
  }

  private void kubernetes(String kind) {
    ServiceAccount reviewer = kubernetes.serviceAccount("scopegate", "scopegate");
    if (!kind.equals("no-rights")) {
      kubernetes.bind(reviewer.subject(), "system:auth-delegator");
    }
    if (kind.equals("may-follow")) {
      kubernetes.grantIn(
          "tempo",
          reviewer.subject(),
          Rule.watch(Resource.ENDPOINT_SLICES.group(), Resource.ENDPOINT_SLICES.plural()));
    }
    kubernetes
        .kubeconfig()
        .withToken(
            directory.resolve("kubeconfig"),
            kind.equals("wrong-token") ? "wrong" : kubernetes.token(reviewer));
    if (kind.equals("away")) {
      kubernetes.stopListening();
    }
  }

  /** Writes the configuration of a gateway between them, with more keys. */
  Path config(BrokenSetup setup, String more) throws IOException {
    String query = setup.text("query", "http://localhost:@QUERY@");
    String yaml =
        """
        upstreams:
          distributor-otlp-grpc: {url: "http://localhost:@GRPC@", protocol: h2c}
          distributor-otlp-http: {url: "http://localhost:@HTTP@", protocol: http1}
          query-frontend: {url: "%s"}
        authentication: {kubernetes: {kubeconfig: "@DIR@/kubeconfig"}}
        %s
        %s
        %s
        """
            .formatted(
                query,
                setup.text("tls", "tls: {certificateFile: @DIR@/tls.crt, keyFile: @DIR@/tls.key}"),
                setup.text("limits", ""),
                more)
            .replace("@QUERY@", Integer.toString(tempo.queryPort()))
            .replace("@GRPC@", Integer.toString(tempo.otlpGrpcPort()))
            .replace("@HTTP@", Integer.toString(tempo.otlpHttpPort()))
            .replace("@DIR@", directory.toString());
    return Files.writeString(directory.resolve("scopegate.yaml"), yaml);
  }

  TestCa ca() {
    return kubernetes.ca();
  }

  /** A token: of a {@code reader} or a {@code writer} of {@link #TENANT}, or a useless one. */
  String token(String kind) {
    ServiceAccount account = kubernetes.serviceAccount("apps", kind);
    switch (kind) {
      case "reader" -> kubernetes.grant(account.subject(), Rule.readTraces(TENANT));
      case "writer" -> kubernetes.grant(account.subject(), Rule.writeTraces(TENANT));
      case "role-reader" ->
          kubernetes.grantIn(
              TENANT, account.subject(), Rule.of("get", "tempo.grafana.com", "traces"));
      case "expired" -> {
        Instant before = Instant.now().minusSeconds(7_200);
        TokenSpec spec = TokenSpec.defaults().issued(before).lasting(Duration.ofMinutes(20));
        return kubernetes.token(account, spec);
      }
      case "garbage" -> {
        return "not-a-token";
      }
      case "other-audience" -> {
        return kubernetes.token(account, TokenSpec.defaults().forAudiences("vault"));
      }
      default -> throw new IllegalArgumentException(kind);
    }
    return kubernetes.token(account);
  }

  @Override
  public void close() {
    tempo.close();
    kubernetes.close();
  }
}
