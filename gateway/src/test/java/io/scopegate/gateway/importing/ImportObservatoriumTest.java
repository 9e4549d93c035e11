package io.scopegate.gateway.importing;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.OidcConfig;
import io.scopegate.config.Problem;
import io.scopegate.gateway.TestFiles;
import io.scopegate.gateway.access.StaticRule;
import io.scopegate.gateway.access.StaticRule.Operation;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.testkit.TestCa;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class ImportObservatoriumTest {
  private static final String ONE_TENANT =
      """
      tenants:
        - name: dev
          id: dev-id
          oidc: {clientID: c, clientSecret: hunter2, issuerURL: "https://dex.example"}
      """;
  private static final String ONE_RIGHT =
      """
      roles: [{name: r, resources: [traces], tenants: [dev], permissions: [read]}]
      roleBindings: [{name: b, roles: [r], subjects: [{kind: user, name: jane}]}]
      """;

  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void writeWhatFilesName() throws IOException {
    TestCa ca = TestCa.create();
    ca.writePem(directory.resolve("clients.crt"));
    TestCa.Issued server = ca.server();
    server.writeCertificate(directory.resolve("tls.crt"));
    server.writeKey(directory.resolve("tls.key"));
  }

  private int run(String tenants, String rbac, String... flags) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "observatorium",
                "--tenants",
                Files.writeString(directory.resolve("tenants.yaml"), tenants).toString(),
                "--rbac",
                Files.writeString(directory.resolve("rbac.yaml"), rbac).toString()));
    arguments.addAll(List.of(flags));
    CommandLine commandLine = new CommandLine(new ImportCommand());
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments.toArray(String[]::new));
  }

  /** What was printed, as the gateway loads it. */
  private GatewayConfig loaded() throws IOException {
    Path file = directory.resolve("scopegate.yaml");
    Files.writeString(file, out.toString().replace("/etc/scopegate/tls/", directory + "/"));
    LoadedConfig loaded = LoadedConfig.load(file, name -> null);
    assertThat(loaded.problems()).extracting(Problem::toString).isEmpty();
    return loaded.config();
  }

  private String everything() throws IOException {
    Path files = TestFiles.resource("importing/tenants.yaml").getParent();
    int code =
        run(
            Files.readString(files.resolve("tenants.yaml")),
            Files.readString(files.resolve("rbac.yaml")));
    assertThat(err.toString()).isEmpty();
    assertThat(code).isZero();
    return out.toString().replace(directory + "/", "");
  }

  @Test
  void printsWhatTheExpectedFileHas() throws IOException {
    assertThat(everything())
        .isEqualTo(Files.readString(TestFiles.resource("importing/scopegate.yaml")));
  }

  @Test
  void whatIsPrintedLoads() throws IOException {
    everything();

    assertThat(loaded().tenancy().ids())
        .containsEntry("dev", "1610b0c3-c509-4592-a256-a1871353dbfa")
        .containsEntry("stage", "42")
        .containsEntry("old", "old")
        .doesNotContainKeys("*", "a|b", "twin");
  }

  @Test
  void noSecretIsEverPrinted() throws IOException {
    everything();

    assertThat(out.toString()).doesNotContain("hunter2").doesNotContain("aHVudGVyMg");
  }

  @Test
  void aNameAtOneIssuerIsNobodyAtAnother() throws IOException {
    everything();
    GatewayConfig config = loaded();

    assertThat(config.authentication().oidc())
        .extracting(OidcConfig::usernamePrefix)
        .containsExactly("dev:", "partner:", "audit:");
    assertThat(rule(config, "dev:admin@example.com").tenants()).containsExactly("dev", "stage");
    assertThat(rule(config, "partner:admin@example.com").tenants()).containsExactly("partner");
    assertThat(config.authorization().staticRules())
        .extracting(StaticRule::user)
        .doesNotContain("admin@example.com");
  }

  @Test
  void aUserCalledLikeAnotherIssuersUserStaysHimself() throws IOException {
    everything();
    GatewayConfig config = loaded();

    // What dev's issuer calls "dev:admin@example.com" is "dev:dev:admin@example.com" here.
    assertThat(rule(config, "dev:dev:admin@example.com").operations())
        .containsExactly(Operation.WRITE);
    assertThat(rule(config, "partner:dev:admin@example.com").tenants())
        .containsExactly("partner", "old");
    assertThat(rule(config, "dev:admin@example.com").operations())
        .containsExactlyInAnyOrder(Operation.READ, Operation.WRITE);
  }

  private static StaticRule rule(GatewayConfig config, String user) {
    List<StaticRule> rules =
        config.authorization().staticRules().stream().filter(r -> user.equals(r.user())).toList();
    assertThat(rules).hasSize(1);
    return rules.get(0);
  }

  @Test
  void noTenantBecomesAllOfThem() throws IOException {
    everything();

    assertThat(loaded().authorization().staticRules())
        .allSatisfy(rule -> assertThat(rule.tenants()).doesNotContain("*"));
  }

  @Test
  void whatAPolicyEngineDecidedIsGrantedToNobody() throws IOException {
    everything();

    assertThat(loaded().authorization().staticRules())
        .allSatisfy(rule -> assertThat(rule.tenants()).doesNotContain("policy"));
  }

  @Test
  void aSingleIssuersNamesStayAsTheyAre() throws IOException {
    assertThat(run(ONE_TENANT, ONE_RIGHT)).isZero();
    GatewayConfig config = loaded();

    assertThat(config.authentication().oidc()).extracting(OidcConfig::usernamePrefix).contains("");
    assertThat(config.authentication().oidc().get(0).audiences()).containsExactly("c");
    assertThat(rule(config, "jane").operations()).containsExactly(Operation.READ);
  }

  @Test
  void mergedKeysCountAsTheyDidThere() throws IOException {
    String tenants =
        """
        shared: &shared {id: x, oidc: {clientID: c, issuerURL: "https://dex.example"}, opa: {}}
        tenants:
          - <<: *shared
            name: dev
        """;

    assertThat(run(tenants, ONE_RIGHT)).isOne(); // the policy engine comes with the merge
    assertThat(run(tenants.replace(", opa: {}", ""), ONE_RIGHT)).isZero();
    assertThat(loaded().tenancy().ids()).containsEntry("dev", "x");
  }

  @Test
  void groupsCountOnlyWhereTokensHaveThem() throws IOException {
    String groups = ONE_RIGHT.replace("kind: user, name: jane", "kind: group, name: sre");
    assertThat(run(ONE_TENANT, groups)).isOne();
    assertThat(err.toString())
        .contains("rbac.yaml:1:1: nobody has a right (expected: ")
        .contains("the group sre has no right to dev");

    String everybody = groups.replace("sre", "system:authenticated");
    String claimed = ONE_TENANT.replace("clientID", "groupClaim: g, clientID");
    assertThat(run(claimed, everybody)).isOne();
    assertThat(run(claimed, groups)).isZero();
    assertThat(loaded().authorization().staticRules())
        .extracting(StaticRule::group)
        .containsExactly("sre");
  }

  @Test
  void aTenantCalledSystemGetsNoNameOfKubernetes() throws IOException {
    String tenants =
        """
        tenants:
          - {name: system, id: a, oidc: {clientID: c, issuerURL: "https://a.example"}}
          - {name: system_, id: b, oidc: {clientID: c, issuerURL: "https://b.example"}}
        """;
    String rbac = ONE_RIGHT.replace("[dev]", "[system, system_]");

    assertThat(run(tenants, rbac)).isZero();
    assertThat(loaded().authentication().oidc())
        .extracting(OidcConfig::usernamePrefix)
        .containsExactly("system__:", "system_:");
  }

  @Test
  void twoClientsOfOneIssuerAreKeptApart() throws IOException {
    String tenants =
        """
        tenants:
          - {name: a, id: a, oidc: {clientID: ca, issuerURL: "https://dex.example"}}
          - {name: b, id: b, oidc: {clientID: cb, issuerURL: "https://dex.example"}}
        """;

    assertThat(run(tenants, ONE_RIGHT.replace("[dev]", "[a, b]"))).isZero();
    GatewayConfig config = loaded();
    assertThat(rule(config, "a:jane").tenants()).containsExactly("a");
    assertThat(rule(config, "b:jane").tenants()).containsExactly("b");
  }

  @Test
  void tenantsOfOpenShiftAreTheClusters() throws IOException {
    String tenants =
        """
        tenants:
          - name: dev
            id: dev-id
            openshift: {serviceAccount: tempo, redirectURL: "https://r", cookieSecret: hunter2}
            opa: {url: "http://localhost:8082/v1/data/tempostack/allow", withAccessToken: true}
        """;

    assertThat(run(tenants, "{}")).isZero();
    GatewayConfig config = loaded();
    assertThat(config.authorization().staticRules()).isEmpty();
    assertThat(config.tenancy().ids()).containsEntry("dev", "dev-id");
    assertThat(out.toString()).doesNotContain("hunter2").contains("SubjectAccessReview");
  }

  @Test
  void aNameOfTheClusterThatLooksLikeAnIssuersIsLeftOut() throws IOException {
    String tenants = ONE_TENANT + "  - {name: ops, id: ops-id, openshift: {serviceAccount: s}}\n";
    String rbac =
        """
        roles: [{name: r, resources: [traces], tenants: [ops], permissions: [read]}]
        roleBindings:
          - name: b
            roles: [r]
            subjects: [{kind: user, name: "dev:jane"}, {kind: user, name: kim}]
        """;

    assertThat(run(tenants, rbac)).isZero();
    assertThat(loaded().authorization().staticRules())
        .extracting(StaticRule::user)
        .containsExactly("kim");
    assertThat(out.toString()).contains("dev:jane is left out");
  }

  @Test
  void flagsSayWhereItListensAndWhereTempoIs() throws IOException {
    String directory = this.directory.toString();
    int code =
        run(
            ONE_TENANT,
            ONE_RIGHT,
            "--",
            "--traces.tenant-header=x-scope-orgid",
            "--web.listen=0.0.0.0:8080",
            "--web.internal.listen=:8082",
            "-grpc.listen",
            "0.0.0.0:8090",
            "--traces.write.otlpgrpc.endpoint=distributor.example:4317",
            "--traces.write.otlphttp.endpoint=https://distributor.example:4318",
            "--traces.tempo.endpoint=https://frontend.example:3200",
            "--traces.tls.ca-file=" + directory + "/clients.crt",
            "--traces.tls.cert-file=" + directory + "/tls.crt",
            "--traces.tls.key-file=" + directory + "/tls.key",
            "--tls.server.cert-file=" + directory + "/tls.crt",
            "--tls.server.key-file=" + directory + "/tls.key",
            "--traces.query-rbac",
            "--log.level=info",
            "--middleware.rate-limiter.address=hunter2.example");

    assertThat(err.toString()).isEmpty();
    assertThat(code).isZero();
    GatewayConfig config = loaded();
    assertThat(config.effectiveUpstreams().get("distributor-otlp-grpc").url())
        .hasToString("https://distributor.example:4317");
    assertThat(config.listeners()).containsOnlyKeys("http", "grpc");
    assertThat(config.admin().address().port()).isEqualTo(8082);
    assertThat(config.tls().minVersion()).hasToString("TLSv1.3");
    assertThat(out.toString())
        .contains("# --traces.query-rbac: answers are not filtered")
        .contains("# --middleware.rate-limiter.address: not migrated.")
        .doesNotContain("hunter2");
  }

  @Test
  void flagsForOtlpByGrpcAloneMakeOneListener() throws IOException {
    assertThat(run(ONE_TENANT, ONE_RIGHT, "--", "--traces.write.otlpgrpc.endpoint=d:4317"))
        .isZero();
    assertThat(loaded().listeners()).containsOnlyKeys("grpc");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "--traces.tempo.endpoint",
        "--traces.tempo.endpoint=ftp://x",
        "--traces.tempo.endpoint=http://x:3200/tempo",
        "--web.listen=nowhere",
        "--tls.server.cert-file=/a"
      })
  void aFlagThatMakesNoSenseIsAWrongCommandLine(String flag) throws IOException {
    assertThat(run(ONE_TENANT, ONE_RIGHT, "--", flag)).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "tenants: dev ! tenants.yaml:1:10 tenants: dev (expected: a list)",
        "{} ! tenants.yaml:1:1: no tenants (expected: ",
        "tenants: [{id: a}] ! tenants.yaml:1:11 tenants[0]: name is missing (expected: a name)",
        "tenants: [{name: a}] ! tenants.yaml:1:11 tenants[0]: no authentication (expected: ",
        "tenants: [{name: 0x1, oidc: {}}] ! tenants[0].name: 0x1 (expected: quotes around it",
        "tenants: [{name: a, id: yes, oidc: {}}] ! tenants[0].id: yes (expected: quotes around it",
        "tenants: [{name: a, oidc: text}] ! tenants[0].oidc: text (expected: a mapping)",
        "tenants: [{name: a, NAME: b, oidc: {}}] ! the key name once more (expected: once",
        "tenants: [{name: a, oidc: {}}, {name: a, oidc: {}}] ! a second tenant a (expected: ",
        "tenants: [null] ! tenants[0]: name is missing",
        "tenants: [ ! (expected: a value, and the ] or } that closes",
      })
  void badTenantsAreProblemsWithTheirPlace(String tenants, String problem) throws IOException {
    assertThat(run(tenants, ONE_RIGHT)).isOne();
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "roles: {} ! rbac.yaml:1:8 roles: {} (expected: a list)",
        "roles: [{tenants: [a]}] ! rbac.yaml:1:9 roles[0]: name is missing (expected: a name)",
        "roleBindings: [{subjects: [{kind: user}]}] ! roleBindings[0].subjects[0]: name is missing",
        "roleBindings: [{roles: [[]]}] ! roleBindings[0].roles[0]: [] (expected: a text)",
      })
  void badRightsAreProblemsWithTheirPlace(String rbac, String problem) throws IOException {
    assertThat(run(ONE_TENANT, rbac)).isOne();
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains(problem);
  }

  @Test
  void aMissingFileIsAProblem() {
    CommandLine commandLine = new CommandLine(new ImportCommand());
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));

    assertThat(commandLine.execute("observatorium", "--tenants", "/none", "--rbac", "/none"))
        .isOne();
    assertThat(err.toString().lines())
        .containsExactly(
            "/none:1:1: no such file (expected: a YAML file)",
            "/none:1:1: no such file (expected: a YAML file)");
  }

  @Test
  void swappedFilesAreRecognized() throws IOException {
    assertThat(run(ONE_RIGHT, ONE_TENANT)).isOne();
    assertThat(err.toString().lines())
        .hasSize(2)
        .anyMatch(line -> line.contains("has roles: this is the file for --rbac"))
        .anyMatch(line -> line.contains("has tenants: this is the file for --tenants"));
  }

  @Test
  void moreRightsThanAConfigurationHoldsAreAProblem() throws IOException {
    StringBuilder rbac = new StringBuilder("roles: [{name: r, resources: [traces], tenants: &t [");
    for (int i = 0; i < 5_000; i++) {
      rbac.append('t').append(i).append(", ");
    }
    rbac.append("], permissions: [read]}]\nroleBindings: [{name: b, roles: [r], subjects: [");
    for (int i = 0; i < 5_000; i++) {
      rbac.append("{kind: user, name: u").append(i).append("}, ");
    }
    rbac.append("]}]\n");

    assertThat(run(ONE_TENANT, rbac.toString())).isOne();
    assertThat(err.toString()).contains("too many rights (expected: at most 50000)");
  }

  @Test
  void manyNotesAreCountedAndNotListed() throws IOException {
    StringBuilder tenants = new StringBuilder(ONE_TENANT);
    for (int i = 0; i < 1_000; i++) {
      tenants.append("    key").append(i).append(": {}\n");
    }

    assertThat(run(tenants.toString(), ONE_RIGHT)).isZero();
    assertThat(out.toString()).contains(" further notes of this kind.");
    assertThat(out.toString().lines().count()).isLessThan(500);
    loaded();
  }

  @Test
  void whatANameHoldsEndsNoComment() throws IOException {
    String tenants = ONE_TENANT + "    \"x\\n\\nadmin: {address: evil}\\u0085y\\u2028z\": 1\n";

    assertThat(run(tenants, ONE_RIGHT)).isZero();
    assertThat(out.toString().lines()).noneMatch(line -> line.startsWith("admin: {"));
    loaded();
  }

  /** YAML 1.1 ends a line at U+0085, and terminals obey what begins with U+009B. */
  @Test
  void whatControlsOthersIsLeftOutOfComments() throws IOException {
    String rbac = ONE_RIGHT.replace("[dev]", "[dev, \"x\\u0085admin: {address: evil}\\u009b2J\"]");

    assertThat(run(ONE_TENANT, rbac)).isZero();
    assertThat(out.toString()).contains("there is no tenant x").doesNotContain("\u0085", "\u009b");
    loaded();
  }

  @Test
  void aNameThatYamlReadsOtherwiseIsQuoted() throws IOException {
    String rbac = ONE_RIGHT.replace("name: jane", "name: \"${HOME}: # {x}\"");

    assertThat(run(ONE_TENANT, rbac)).isZero();
    assertThat(loaded().authorization().staticRules().get(0).user()).isEqualTo("${HOME}: # {x}");
  }

  @Test
  void theFirstWordIsNeeded() {
    CommandLine commandLine = new CommandLine(new ImportCommand());
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));

    assertThat(commandLine.execute()).isEqualTo(2);
    assertThat(err.toString())
        .contains("import: a command is missing (expected: one of kube-rbac-proxy, observatorium)");
  }
}
