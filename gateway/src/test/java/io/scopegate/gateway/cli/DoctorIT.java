package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.OidcStandIn;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.Resource;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.scopegate.testkit.kubernetes.Slice;
import io.scopegate.testkit.tempo.TempoOptions;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command against an API server, an issuer and Tempos, sound and broken. */
final class DoctorIT {
  @TempDir private Path directory;
  private final KubernetesStandIn kubernetes = KubernetesStandIn.start();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final ServiceAccount reviewer = kubernetes.serviceAccount("scopegate", "scopegate");

  @BeforeEach
  void writeKubeconfig() {
    kubernetes.kubeconfig().withToken(kubeconfig(), kubernetes.token(reviewer));
  }

  @AfterEach
  void close() {
    kubernetes.close();
    assertThat(out.toString() + err).doesNotContainPattern("java[.x]|io\\.netty|Exception|\tat ");
  }

  private Path kubeconfig() {
    return directory.resolve("kubeconfig");
  }

  private Path configure(TempoStandIn tempo, String more) throws IOException {
    return Files.writeString(
        directory.resolve("scopegate.yaml"),
        """
        upstreams:
          distributor-otlp-grpc: {url: "http://127.0.0.1:%d", protocol: h2c}
          distributor-otlp-http: {url: "http://127.0.0.1:%d", protocol: http1}
          query-frontend: {url: "http://localhost:%d"}
        tls: {selfSigned: true}
        """
                .formatted(tempo.otlpGrpcPort(), tempo.otlpHttpPort(), tempo.queryPort())
            + (more.contains("authentication:")
                ? ""
                : "authentication: {kubernetes: {kubeconfig: \"%s\"}}\n".formatted(kubeconfig()))
            + more);
  }

  private int run(Path config, String... more) {
    List<String> all = new ArrayList<>(List.of("doctor", config.toString(), "--timeout", "60s"));
    all.addAll(Arrays.asList(more));
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return line.execute(all.toArray(String[]::new));
  }

  @Test
  void whatIsSoundIsFine() throws IOException {
    kubernetes.bind(reviewer.subject(), "system:auth-delegator");
    kubernetes.bind(reviewer.subject(), "system:service-account-issuer-discovery");
    kubernetes.grantWatching(reviewer.subject());
    try (TempoStandIn tempo = TempoStandIn.start();
        OidcStandIn oidc = OidcStandIn.start()) {
      Path config =
          configure(
              tempo,
              """
              authentication:
                kubernetes: {kubeconfig: "%s"}
                oidc: [{issuer: "%s", audiences: [tempo], usernamePrefix: "sso:", caFile: "%s"}]
              """
                  .formatted(
                      kubeconfig(), oidc.issuer(), oidc.ca().writePem(directory.resolve("ca"))));

      assertThat(run(config)).as(out.toString() + err).isZero();
      assertThat(out.toString())
          .contains(kubernetes.url() + " answers")
          .contains("the account is system:serviceaccount:scopegate:scopegate")
          .contains("may create tokenreviews.authentication.k8s.io")
          .contains("may create subjectaccessreviews.authorization.k8s.io")
          .contains("may watch rolebindings.rbac.authorization.k8s.io")
          .contains("can be verified locally: 1 key")
          .contains(oidc.issuer() + " has 1 key")
          .contains("localhost resolves to ")
          .contains("answers queries, and only with a tenant")
          .contains("speaks gRPC")
          .contains(" 0 wrong, 0 to look at");
      assertThat(tempo.received().forbidden()).isEmpty();
    }
  }

  @Test
  void theServersOfAServiceAreAskedAndItsUrlIsNot() throws IOException {
    kubernetes.bind(reviewer.subject(), "system:auth-delegator");
    kubernetes.grantIn(
        "tempo",
        reviewer.subject(),
        Rule.watch(Resource.ENDPOINT_SLICES.group(), Resource.ENDPOINT_SLICES.plural()));
    Path config =
        Files.writeString(
            directory.resolve("scopegate.yaml"),
            """
            upstreams:
              query: {url: "http://no-such-host.invalid:3200", service: "tempo/query:http"}
              other: {url: "http://no-such-host.invalid:3200", srv: "_http._tcp.no-such-host.invalid"}
            listeners:
              query: {address: "127.0.0.1:0", serves: [tempo-query], upstream: query}
              other: {address: "127.0.0.1:0", serves: [tempo-query], upstream: other}
            authentication: {kubernetes: {kubeconfig: "%s"}}
            """
                .formatted(kubeconfig()));
    try (TempoStandIn tempo = TempoStandIn.start()) {
      run(config);
      assertThat(out.toString())
          .contains("upstreams.query: service names no server: ")
          .contains("upstreams.other: srv names no server: ")
          .doesNotContain("no-such-host.invalid:3200");

      kubernetes.slice(
          Slice.of("tempo", "query", "one").port("http", tempo.queryPort()).ready("127.0.0.1"));
      run(config);
      assertThat(out.toString())
          .contains("http://127.0.0.1:" + tempo.queryPort() + " answers queries")
          .doesNotContain("service names no server");
    }
  }

  @Test
  void theRightsThatAreMissingAreNamedOneByOne() throws IOException {
    try (TempoStandIn tempo = TempoStandIn.start()) {
      assertThat(run(configure(tempo, ""))).isEqualTo(Main.WRONG);
      assertThat(out.toString())
          .contains("ERROR    authentication.kubernetes: may not create tokenreviews")
          .contains("ERROR    authentication.kubernetes: may not create subjectaccessreviews")
          .contains("warning  authentication.kubernetes: may not watch pods")
          .contains("-> bind the ClusterRole system:auth-delegator to this account");
    }
  }

  @Test
  void aWrongTokenOfTheGatewayIsNamedAsSuch() throws IOException {
    kubernetes.kubeconfig().withToken(kubeconfig(), "wrong");
    try (TempoStandIn tempo = TempoStandIn.start()) {
      assertThat(run(configure(tempo, ""))).isEqualTo(Main.WRONG);
      assertThat(out.toString()).contains(kubernetes.url()).contains("401");
    }
  }

  @Test
  void anApiServerThatIsAwayIsNamedWithItsUrl() throws IOException {
    kubernetes.stopListening();
    try (TempoStandIn tempo = TempoStandIn.start()) {
      assertThat(run(configure(tempo, ""))).isEqualTo(Main.WRONG);
      assertThat(out.toString())
          .contains(kubernetes.url() + " cannot be used: the connection is refused")
          .contains("-> check server in the kubeconfig");
    }
  }

  @Test
  void anApiServerThatIsNotTrustedIsNamedWithItsUrl() throws IOException {
    String foreign =
        Base64.getEncoder().encodeToString(TestCa.create().pem().getBytes(StandardCharsets.UTF_8));
    Files.writeString(
        kubeconfig(),
        Files.readString(kubeconfig())
            .replaceAll("(certificate-authority-data\"?: ?\"?)[A-Za-z0-9+/=]+", "$1" + foreign));
    try (TempoStandIn tempo = TempoStandIn.start()) {
      assertThat(run(configure(tempo, ""))).isEqualTo(Main.WRONG);
      assertThat(out.toString())
          .contains(kubernetes.url() + " cannot be used: its certificate is not signed by")
          .contains("-> check certificate-authority in the kubeconfig");
    }
  }

  @Test
  void aTempoWithoutTenantsAndAStoreThatIsAwayAreWrong() throws IOException {
    kubernetes.bind(reviewer.subject(), "system:auth-delegator");
    try (TempoStandIn tempo = TempoStandIn.start(TempoOptions.defaults().withoutTenants())) {
      Path config =
          configure(
              tempo, "limits: {store: {type: redis, url: \"redis://u:s3cret@127.0.0.1:1\"}}\n");

      assertThat(run(config, "--json")).isEqualTo(Main.WRONG);
      JsonObject json = new JsonObject(out.toString());
      assertThat(json.getBoolean("ok")).isFalse();
      assertThat(json.getJsonArray("findings").stream().map(JsonObject.class::cast))
          .anySatisfy(finding ->
              assertThat(finding.getMap())
                  .containsEntry("level", "error")
                  .containsEntry("subject", "upstreams.query-frontend")
                  .containsEntry("remedy", "set multitenancy_enabled: true in Tempo"))
          .anySatisfy(finding ->
              assertThat(finding.getMap())
                  .containsEntry("level", "error")
                  .containsEntry("subject", "limits.store")
                  .containsEntry(
                      "text", "127.0.0.1:1: the connection is refused, so nothing listens there"));
      assertThat(out.toString()).doesNotContain("s3cret");
    }
  }

  @Test
  void aReceiverOfSpansIsAskedWithNothing() throws IOException {
    kubernetes.bind(reviewer.subject(), "system:auth-delegator");
    kubernetes.bind(reviewer.subject(), "system:service-account-issuer-discovery");
    try (TempoStandIn tempo = TempoStandIn.start()) {
      String good = "http://127.0.0.1:" + tempo.otlpHttpPort();
      run(configure(tempo, "tracing: {otlp: {endpoint: \"" + good + "\", tenant: ops}}\n"));
      assertThat(out.toString()).contains("tracing.otlp", good + "/v1/traces takes traces");
      assertThat(tempo.received().last().header("x-scope-orgid")).containsExactly("ops");

      run(configure(tempo, "tracing: {otlp: {endpoint: \"" + good + "/wrong\"}}\n"));
      assertThat(out.toString()).contains(good + "/wrong: it answers 404", "often 4318");
    }
    try (TempoStandIn tempo = TempoStandIn.start()) {
      run(configure(tempo, "tracing: {otlp: {endpoint: \"http://127.0.0.1:1\"}}\n"));
      assertThat(out.toString()).contains("nothing listens there", "requests are served without");
    }
  }

  @Test
  void whatACallerMayIsTold() throws IOException {
    kubernetes.bind(reviewer.subject(), "system:auth-delegator");
    ServiceAccount grafana = kubernetes.serviceAccount("payments", "grafana");
    kubernetes.grant(grafana.subject(), Rule.readTraces("payments"));
    Path token = Files.writeString(directory.resolve("token"), kubernetes.token(grafana));
    try (TempoStandIn tempo = TempoStandIn.start()) {
      Path config = configure(tempo, "");
      assertThat(run(config, "--tenant", "payments", "--token-file", token.toString())).isZero();
      assertThat(out.toString())
          .contains("listeners.query: the caller may search")
          .contains("listeners.query: the caller may search by streaming gRPC")
          .contains("listeners.otlp-http: the caller may not store traces by OTLP/HTTP: ")
          .doesNotContain(Files.readString(token));

      assertThat(run(config, "--tenant", "other", "--token-file", token.toString()))
          .isEqualTo(Main.WRONG);
      assertThat(out.toString()).contains("nothing that was tried is allowed");
    }
  }

  @Test
  void aTokenThatIsNotAcceptedIsSaidOnceAndNoRightIsAskedFor() throws IOException {
    kubernetes.bind(reviewer.subject(), "system:auth-delegator");
    Path token = Files.writeString(directory.resolve("token"), "garbage");
    try (TempoStandIn tempo = TempoStandIn.start()) {
      assertThat(run(configure(tempo, ""), "--token-file", token.toString())).isEqualTo(Main.WRONG);
      assertThat(out.toString())
          .containsOnlyOnce(
              "ERROR    caller: the token is not accepted: authentication: Kubernetes rejected")
          .contains("-> use a new token, of an issuer and for an audience")
          .doesNotContain("the caller may not", "grant a right that is named above");
    }
  }

  @Test
  void whatIsMissingInTheRequestIsNoMissingRight() throws IOException {
    kubernetes.bind(reviewer.subject(), "system:auth-delegator");
    Path token =
        Files.writeString(
            directory.resolve("token"),
            kubernetes.token(kubernetes.serviceAccount("payments", "grafana")));
    try (TempoStandIn tempo = TempoStandIn.start()) {
      assertThat(run(configure(tempo, ""), "--tenant", "a b", "--token-file", token.toString()))
          .isEqualTo(Main.WRONG);
      assertThat(out.toString()).contains("-> give --tenant, as clients send X-Scope-OrgID");
    }
  }

  @Test
  void anIssuerWithAnotherNameIsTold() throws IOException {
    kubernetes.bind(reviewer.subject(), "system:auth-delegator");
    try (TempoStandIn tempo = TempoStandIn.start();
        OidcStandIn oidc = OidcStandIn.start()) {
      Path config =
          configure(
              tempo,
              """
              authentication:
                kubernetes: {kubeconfig: "%s"}
                oidc: [{issuer: "%s/", audiences: [tempo], usernamePrefix: "sso:", caFile: "%s"}]
              """
                  .formatted(
                      kubeconfig(), oidc.issuer(), oidc.ca().writePem(directory.resolve("ca"))));

      assertThat(run(config)).isEqualTo(Main.WRONG);
      assertThat(out.toString())
          .contains("names the issuer " + oidc.issuer())
          .contains("-> write issuer: \"" + oidc.issuer() + "\" exactly");
    }
  }
}
