package io.scopegate.gateway.importing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scopegate.authz.KubernetesConfig;
import io.scopegate.config.Problem;
import io.scopegate.gateway.access.AuthorizationConfig.Mapping;
import io.scopegate.gateway.access.RewritesConfig;
import io.scopegate.gateway.access.StaticReview;
import io.scopegate.gateway.access.StaticRule;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.gateway.forward.IdentityHeadersConfig;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.route.Protocol;
import io.scopegate.gateway.tls.TlsConfig;
import io.scopegate.testkit.TestCa;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class KubeRbacProxyTest {
  private static final String LISTEN = "--secure-listen-address=0.0.0.0:8443";
  private static final String UPSTREAM = "--upstream=http://127.0.0.1:3200/";
  private static final String TENANTS =
      """
      authorization:
        rewrites: {byHttpHeader: {name: X-Scope-OrgID}}
        resourceAttributes:
          apiGroup: tempo.grafana.com
          resource: "{{ .Value }}"
          name: traces
      """;

  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void writeWhatFlagsName() throws IOException {
    TestCa ca = TestCa.create();
    ca.writePem(directory.resolve("ca.crt"));
    TestCa.Issued server = ca.server();
    server.writeCertificate(directory.resolve("tls.crt"));
    server.writeKey(directory.resolve("tls.key"));
    Files.writeString(
        directory.resolve("kubeconfig"),
        """
        current-context: c
        contexts: [{name: c, context: {cluster: c, user: u}}]
        clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
        users: [{name: u, user: {token: t}}]
        """);
  }

  private String file(String name) {
    return directory.resolve(name).toString();
  }

  private String configFile(String yaml) throws IOException {
    return "--config-file=" + Files.writeString(directory.resolve("config.yaml"), yaml);
  }

  private static List<String> flags(String... more) {
    List<String> flags = new ArrayList<>(List.of(LISTEN, UPSTREAM));
    flags.addAll(List.of(more));
    return flags;
  }

  /** What serving by the flags uses, which what is printed has to be as well. */
  private GatewayConfig served(String... more) throws IOException {
    KubeRbacProxy proxy = KubeRbacProxy.of(flags(more));
    LoadedConfig loaded = proxy.load();
    assertThat(loaded.problems()).extracting(Problem::toString).isEmpty();
    Path printed = Files.writeString(directory.resolve("printed.yaml"), proxy.yaml());
    LoadedConfig again = LoadedConfig.load(printed, name -> null);
    assertThat(again.problems()).extracting(Problem::toString).isEmpty();
    assertThat(again.config()).isEqualTo(loaded.config());
    return loaded.config();
  }

  private static ListenerConfig listener(GatewayConfig config, String name) {
    return Objects.requireNonNull(config.listeners().get(name));
  }

  private static UpstreamConfig upstream(GatewayConfig config) {
    return Objects.requireNonNull(config.effectiveUpstreams().get("upstream"));
  }

  @Test
  void theFewestFlagsReviewThePathAndShowACertificateThatNobodySigned() throws IOException {
    GatewayConfig config = served();

    ListenerConfig secure = listener(config, "secure");
    assertThat(secure.address()).hasToString("0.0.0.0:8443");
    assertThat(secure.serves()).containsExactly(Protocol.PROXY);
    assertThat(secure.tls().mode()).isEqualTo(TlsConfig.Mode.REQUIRED);
    assertThat(secure.tls().selfSigned()).isTrue();
    assertThat(upstream(config).url()).hasToString("http://127.0.0.1:3200");
    assertThat(upstream(config).protocol()).isEqualTo(UpstreamConfig.Protocol.AUTO);
    assertThat(config.authorization().mapping()).isEqualTo(Mapping.NON_RESOURCE);
    assertThat(config.authentication().basicPassword()).isFalse();
    assertThat(config.tenancy().forwardUnreviewed()).isTrue();
    assertThat(config.admin().address()).hasToString("127.0.0.1:0");
    assertThat(config.admin().console()).isNull();
  }

  @Test
  void thePathOfTheUpstreamIsPutBeforeTheOthers() throws IOException {
    UpstreamConfig tempo =
        upstream(
            served("--insecure-listen-address=:8080", "--upstream=https://tempo:3200/a/tempo/"));

    assertThat(tempo.url()).hasToString("https://tempo:3200");
    assertThat(tempo.pathPrefix()).hasToString("/a/tempo");
    assertThat(
            upstream(served("--insecure-listen-address=:8080", "--upstream=http://t/"))
                .pathPrefix())
        .isNull();
  }

  @Test
  void everyFlagHasItsKey() throws IOException {
    GatewayConfig config =
        served(
            "--insecure-listen-address",
            ":8080",
            "--upstream=https://tempo.example:3200",
            "--upstream-ca-file=" + file("ca.crt"),
            "--upstream-client-cert-file=" + file("tls.crt"),
            "--upstream-client-key-file=" + file("tls.key"),
            "--allow-paths=/metrics,/api/*",
            "--allow-paths=/ready",
            "--proxy-endpoints-port=8643",
            "--tls-cert-file=" + file("tls.crt"),
            "--tls-private-key-file=" + file("tls.key"),
            "--tls-min-version=VersionTLS13",
            "--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_RSA_WITH_RC4_128_SHA",
            "--client-ca-file=" + file("ca.crt"),
            "--auth-header-fields-enabled",
            "--auth-header-user-field-name=x-user",
            "--auth-header-groups-field-name=x-groups",
            "--auth-header-groups-field-separator=;",
            "--auth-token-audiences=a,b",
            "--kubeconfig=" + file("kubeconfig"),
            "--kube-api-qps=7.5",
            "--kube-api-burst=12",
            "--http2-disable=true",
            "--http2-max-concurrent-streams=17",
            "-v=10");

    ListenerConfig secure = listener(config, "secure");
    assertThat(secure.allowPaths()).containsExactly("/metrics", "/api/*", "/ready");
    assertThat(secure.tls().certificateFile()).isEqualTo(directory.resolve("tls.crt"));
    assertThat(secure.tls().keyFile()).isEqualTo(directory.resolve("tls.key"));
    assertThat(secure.tls().clientCaFile()).isEqualTo(directory.resolve("ca.crt"));
    assertThat(secure.tls().minVersion()).isEqualTo(TlsConfig.MinVersion.TLSV1_3);
    assertThat(secure.tls().cipherSuites())
        .containsExactly("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    assertThat(secure.clients().http2()).isFalse();
    assertThat(secure.clients().maxStreams()).isEqualTo(17);
    ListenerConfig insecure = listener(config, "insecure");
    assertThat(insecure.address().toString()).isIn("[::]:8080", "0.0.0.0:8080");
    assertThat(insecure.tls().mode()).isEqualTo(TlsConfig.Mode.DISABLED);
    assertThat(insecure.allowPaths()).isEqualTo(secure.allowPaths());
    assertThat(listener(config, "health").address()).hasToString("0.0.0.0:8643");
    assertThat(listener(config, "health").isHealth()).isTrue();
    assertThat(listener(config, "health").tls()).isEqualTo(secure.tls());
    assertThat(upstream(config).url().tls()).isTrue();
    assertThat(upstream(config).tls().caFile()).isEqualTo(directory.resolve("ca.crt"));
    assertThat(upstream(config).tls().keyFile()).isEqualTo(directory.resolve("tls.key"));
    KubernetesConfig kubernetes = config.authentication().kubernetes();
    assertThat(kubernetes.audiences()).containsExactly("a", "b");
    assertThat(kubernetes.kubeconfig()).isEqualTo(directory.resolve("kubeconfig"));
    assertThat(kubernetes.reviews().perSecond()).isEqualTo(8);
    assertThat(kubernetes.reviews().burst()).isEqualTo(12);
    assertThat(config.forwarding().identityHeaders())
        .isEqualTo(new IdentityHeadersConfig("x-user", "x-groups", ";"));
    assertThat(config.log().level()).hasToString("DEBUG");
  }

  @Test
  void anUpstreamOfHttp2InClearText() throws IOException {
    assertThat(upstream(served("--upstream-force-h2c")).protocol())
        .isEqualTo(UpstreamConfig.Protocol.H2C);
  }

  @Test
  void anIssuersTokensAreTheOnlyOnes() throws IOException {
    GatewayConfig config =
        served(
            "--oidc-issuer=https://dex.example",
            "--oidc-clientID=tempo",
            "--oidc-username-prefix=dex:",
            "--client-ca-file=" + file("ca.crt"),
            "--oidc-ca-file=" + file("ca.crt"));

    assertThat(config.authentication().kubernetes().mode())
        .isEqualTo(KubernetesConfig.Mode.RIGHTS_ONLY);
    assertThat(config.authentication().oidc())
        .singleElement()
        .satisfies(issuer -> {
          assertThat(issuer.audiences()).containsExactly("tempo");
          assertThat(issuer.usernameClaim()).isEqualTo("email");
          assertThat(issuer.usernamePrefix()).isEqualTo("dex:");
        });
    assertThat(listener(config, "secure").tls().clientCaFile()).isNull();
  }

  @Test
  void theTenantHeaderThatIsReviewedIsTheOnlyOneThatGoesOn() throws IOException {
    GatewayConfig config = served(configFile(TENANTS));

    assertThat(config.authorization().mapping()).isEqualTo(Mapping.CUSTOM);
    assertThat(config.authorization().rewrites())
        .isEqualTo(new RewritesConfig("X-Scope-OrgID", null));
    assertThat(config.authorization().resourceAttributes().resource()).isEqualTo("{value}");
    assertThat(config.authorization().resourceAttributes().namespace()).isEmpty();
    assertThat(config.tenancy().forwardUnreviewed()).isFalse();
  }

  @Test
  void aTenantHeaderThatNobodyReviewsIsSaidAloud() throws IOException {
    String byQuery = TENANTS.replace("byHttpHeader: {name: X-Scope", "byQueryParameter: {name: X");

    assertThat(served(configFile(byQuery)).tenancy().forwardUnreviewed()).isTrue();
    assertThat(KubeRbacProxy.of(flags(configFile(byQuery))).notes())
        .anySatisfy(note -> assertThat(note).contains("NOBODY REVIEWS IT"));
    assertThat(KubeRbacProxy.of(flags(configFile(TENANTS))).notes())
        .noneSatisfy(note -> assertThat(note).contains("NOBODY REVIEWS IT"));
  }

  @Test
  void staticRulesHoldForNoMoreThanTheyShould() throws IOException {
    GatewayConfig config =
        served(
            configFile(
                """
                authorization:
                  static:
                    - user: {name: jane, groups: [ignored]}
                      verb: get
                      path: /metrics
                    - user: {groups: [sre, ops]}
                      resourceRequest: true
                      resource: pods
                    - resourceRequest: true
                """));

    assertThat(config.authorization().staticRules())
        .containsExactly(
            rule("jane", null, new StaticReview("get", null, null, null, null, null, "/metrics")),
            rule(null, "sre", new StaticReview(null, null, "pods", null, null, null, null)),
            rule(null, "ops", new StaticReview(null, null, "pods", null, null, null, null)),
            rule(
                null,
                "system:authenticated",
                new StaticReview(null, null, null, null, null, null, null)));
  }

  private static StaticRule rule(String user, String group, StaticReview review) {
    return new StaticRule(user, group, null, List.of(), List.of(), review);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "authorization: {static: [{path: /a, resourceRequest: true}]} ! static[0]: resourceRequest",
        "authorization: {static: [{verb: get}]} ! static[0]: resourceRequest: false",
        "authorization: {resorceAttributes: {}} ! unknown key (expected: resourceAttributes",
        "authorization: {resourceAttributes: {resource: '{{ printf .Value }}'}} ! no other braces",
        "authorization: {resourceAttributes: {resource: '{x}'}} ! no other braces"
      })
  void aFileThatSaysSomethingElseIsRefusedWithItsPlace(String yaml, String problem)
      throws IOException {
    assertThat(KubeRbacProxy.of(flags(configFile(yaml))).load().problems())
        .extracting(Problem::toString)
        .anySatisfy(p -> assertThat(p).contains("config.yaml:1:").contains(problem));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "--secure-listen-addres=x ! unknown flag: --secure-listen-addres (expected:"
            + " --secure-listen",
        "--nonsense ! unknown flag: --nonsense",
        "-x ! unknown flag: -x",
        "word ! unknown argument: word (expected: flags only)",
        "--kubeconfig ! --kubeconfig: no value (expected: one)",
        "--http2-disable=perhaps ! --http2-disable: neither true nor false",
        "--proxy-endpoints-port=x ! --proxy-endpoints-port: not a number",
        "--upstream=ftp://a ! --upstream: url: ftp://a (expected: http://, https:// or unix:///)",
        "--upstream=http://a/../b ! --upstream: pathPrefix: /../b (expected: a path like /tempo)",
        "--upstream=http://a/b?c=d ! --upstream: pathPrefix: /b?c=d (expected: a path like /tempo)",
        "--tls-cert-file=/a ! --tls-cert-file, --tls-private-key-file: (expected: both)",
        "--tls-min-version=SSL3 ! --tls-min-version: unknown (expected: VersionTLS12",
        "--oidc-issuer=https://a ! --oidc-clientID: missing"
      })
  void aCommandLineThatIsNoneIsRefused(String flag, String message) {
    assertThatThrownBy(() -> KubeRbacProxy.of(flags(flag)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void allowedAndIgnoredPathsExcludeEachOther() {
    assertThatThrownBy(() -> KubeRbacProxy.of(flags("--allow-paths=/a", "--ignore-paths=/b")))
        .hasMessageContaining("--ignore-paths: given with --allow-paths");
  }

  @Test
  void oldFlagsHaveNoEffectAndAreSaidToHaveNone() throws IOException {
    String[] old = {
      "--logtostderr", "--add-dir-header=true", "--log-dir=mustnotexist", "--stderrthreshold", "2"
    };

    assertThat(served(old)).isEqualTo(served());
    assertThat(KubeRbacProxy.of(flags(old)).notes())
        .anySatisfy(note ->
            assertThat(note)
                .isEqualTo(
                    "--logtostderr, --add-dir-header, --log-dir, --stderrthreshold: no effect, as"
                        + " in kube-rbac-proxy."));
  }

  private int run(String... arguments) {
    CommandLine commandLine = new CommandLine(new ImportCommand());
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }

  @Test
  void theCommandPrintsWhatCanBeServed() throws IOException {
    assertThat(run("kube-rbac-proxy", "--", LISTEN, UPSTREAM, configFile(TENANTS))).isZero();

    assertThat(out.toString())
        .startsWith("# What kube-rbac-proxy does")
        .contains("StreamingQuerier")
        .contains("resource: \"{value}\"");
    Path printed = Files.writeString(directory.resolve("printed.yaml"), out.toString());
    assertThat(LoadedConfig.load(printed, name -> null).isValid()).isTrue();
  }

  @Test
  void theCommandTellsAWrongFileFromAWrongCommandLine() throws IOException {
    assertThat(run("kube-rbac-proxy", "--", LISTEN, UPSTREAM, configFile("authorization: 1")))
        .isEqualTo(1);
    assertThat(run("kube-rbac-proxy", "--", LISTEN, "--upstraem=http://a")).isEqualTo(2);
    assertThat(err.toString()).contains("(expected: --upstream)");
    assertThat(out.toString()).isEmpty();
  }
}
