package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a newcomer does wrong, as far as what is said of it depends on the real parts: on the GOAWAY
 * that the API server sends with each 401, on how Tempo closes what it does not speak, on the
 * alerts of OpenSSL. {@code scenarios/broken.yaml} of the gateway has the others.
 */
class FirstMistakesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String CLASSES = "java[.x]|io\\.netty|io\\.vertx|Exception|\tat ";

  private final int grpc = FreePorts.next();
  private final int http = FreePorts.next();
  private final int query = FreePorts.next();
  private final int admin = FreePorts.next();
  private Cluster cluster;
  private Shell shell;

  @BeforeEach
  void open() {
    cluster = Cluster.shared();
    shell = new Shell("mistakes", cluster.adminKubeconfig());
    shell.run(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=scopegate"
            + " -addext subjectAltName=DNS:localhost -keyout tls.key -out tls.crt");
  }

  @AfterEach
  void nothingTechnicalWasSaid() {
    assertThat(shell.said()).doesNotContainPattern(CLASSES);
  }

  private void configure(Tempo tempo, Path kubeconfig, String more) {
    shell.write(
        "scopegate.yaml",
        """
        upstreams:
          distributor-otlp-grpc: {url: "http://127.0.0.1:%d", protocol: h2c}
          distributor-otlp-http: {url: "http://127.0.0.1:%d", protocol: http1}
          query-frontend: {url: "http://127.0.0.1:%d", protocol: auto}
        listeners:
          otlp-grpc: {address: "127.0.0.1:%d", serves: [otlp-grpc], upstream: distributor-otlp-grpc}
          otlp-http: {address: "127.0.0.1:%d", serves: [otlp-http], upstream: distributor-otlp-http}
          query: {address: "127.0.0.1:%d", serves: [tempo-query], upstream: query-frontend}
        authentication: {kubernetes: {kubeconfig: "%s"}}
        admin: {address: "127.0.0.1:%d", console: null, warmUp: 0s}
        log: {format: text}
        %s
        """
            .formatted(
                tempo.ports().otlpGrpc(),
                tempo.ports().otlpHttp(),
                tempo.ports().query(),
                grpc,
                http,
                query,
                kubeconfig,
                admin,
                more));
  }

  private Part serve() {
    return shell.start("./scopegate serve --config scopegate.yaml");
  }

  private static void awaitLine(Part serving, String line) {
    Until.holds(line, PATIENCE, () -> serving.output().contains(line));
  }

  private String readyz() {
    return shell.tryOut("curl -s http://127.0.0.1:" + admin + "/readyz").output();
  }

  @Test
  void anAccountThatTheApiServerDoesNotAccept() {
    try (Tempo tempo = Tempo.start()) {
      configure(tempo, cluster.kubeconfig("{token: garbage}"), "");
      Part.Ended doctor = shell.tryOut("./scopegate doctor --config scopegate.yaml");
      assertThat(doctor.code()).isEqualTo(1);
      assertThat(doctor.output())
          .contains("answers 401: it does not accept the credential of this account")
          .contains("-> renew the token or certificate in the kubeconfig")
          .doesNotContain("network policies");
      try (Part serving = serve()) {
        awaitLine(serving, "with 401: it does not accept the gateway's own credentials");
        Until.holds(
            "readiness says why",
            PATIENCE,
            () -> readyz().contains("yet: the Kubernetes API server refused the gateway's own"));
      }
    }
  }

  @Test
  void aDoctorOfWhatIsSoundSaysNothingElse() {
    try (Tempo tempo = Tempo.start()) {
      configure(tempo, cluster.kubeconfig(), "");
      for (int i = 0; i < 3; i++) {
        assertThat(shell.run("./scopegate doctor --config scopegate.yaml"))
            .contains(" checked, 0 wrong, 0 to look at")
            .doesNotContain("ERROR");
      }
    }
  }

  @Test
  void aTokenForSomebodyElse() {
    try (Tempo tempo = Tempo.start()) {
      configure(tempo, cluster.kubeconfig(), "");
      shell.run("kubectl -n payments create token ingest --audience=vault > token");
      String explain =
          "./scopegate explain --config scopegate.yaml --tenant payments --token-file token"
              + " --path /v1/traces";
      assertThat(shell.run(explain))
          .contains("it is meant for another audience", "cause: aud is vault, iss is https://");
      String doctor =
          "./scopegate doctor --config scopegate.yaml --tenant payments --token-file token";
      assertThat(shell.tryOut(doctor).output())
          .containsOnlyOnce("the token is not accepted: authentication: Kubernetes rejected")
          .doesNotContain("the caller may not");
    }
  }

  @Test
  void aTempoThatDoesNotStream() {
    Parts.need("tempo");
    Parts.need("tempo-cli");
    shell.tool("tempo-cli");
    try (Tempo tempo = new Tempo.Real("stream_over_http_enabled: true")) {
      configure(tempo, cluster.kubeconfig(), "");
      try (Part serving = serve()) {
        awaitLine(serving, "does not speak gRPC: the connection was closed; set stream_over_http");
        shell.run("READ=$(kubectl -n payments create token query)");
        Part.Ended search =
            shell.tryOut(
                "tempo-cli query api search 127.0.0.1:"
                    + query
                    + " '{}' now-1h now --use-grpc --org-id=payments"
                    + " \"--header=authorization=Bearer $READ\"");
        assertThat(search.output()).contains("upstream query-frontend is unreachable");
        awaitLine(serving, "it closed the connection before HTTP/2 began");
      }
    }
  }

  @Test
  void clientsThatDoNotTrustTheCertificateOrSpeakClearText() {
    try (Tempo tempo = Tempo.start()) {
      configure(
          tempo,
          cluster.kubeconfig(),
          "tls: {mode: required, certificateFile: tls.crt, keyFile: tls.key}");
      try (Part serving = serve()) {
        Migration.awaitAnswer(serving, "http://127.0.0.1:" + admin + "/readyz");
        assertThat(shell.tryOut("curl -sS https://localhost:" + http).code()).isEqualTo(60);
        awaitLine(serving, "does not accept this listener's certificate: it does not trust the CA");
        assertThat(shell.run("curl -s http://localhost:" + query))
            .contains("TLS only: use https://");
        awaitLine(serving, "it does not begin with TLS, and tls.mode is required on this listener");
      }
    }
  }

  @Test
  void anExporterWhoseEndpointHasThePathAlready() {
    try (Tempo tempo = Tempo.start()) {
      configure(tempo, cluster.kubeconfig(), "");
      try (Part serving = serve()) {
        Migration.awaitAnswer(serving, "http://127.0.0.1:" + admin + "/readyz");
        assertThat(
                shell.run(
                    "curl -s -XPOST -H 'content-type: application/json' -d '{}' http://127.0.0.1:"
                        + http
                        + "/v1/traces/v1/traces"))
            .contains("exporters add it to their endpoint, so leave it out there");
      }
    }
  }
}
