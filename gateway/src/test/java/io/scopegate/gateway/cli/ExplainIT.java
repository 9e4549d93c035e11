package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.Fault;
import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.RequestKind;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.scopegate.testkit.kubernetes.TokenSpec;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command against an API server that evaluates RBAC. */
final class ExplainIT {
  private static final String SEARCH = "/api/search";
  private static final Path README = Path.of("..", "README.md");
  private static final String BEGIN =
      """
      $ ./scopegate explain --config scopegate.yaml --tenant payments --token-file token \\
          --path /api/search
      """;
  private static final String END = "```\n<!-- explain: end -->";

  @TempDir private Path directory;
  private final KubernetesStandIn kubernetes = KubernetesStandIn.start();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final ServiceAccount grafana = kubernetes.serviceAccount("payments", "grafana");
  private String token;
  private Path tokenFile;
  private Path config;

  @BeforeEach
  void writeFiles() throws IOException {
    ServiceAccount reviewer = kubernetes.serviceAccount("scopegate", "scopegate");
    kubernetes.bind(reviewer.subject(), "system:auth-delegator");
    kubernetes.kubeconfig().withToken(kubeconfig(), kubernetes.token(reviewer));
    token = kubernetes.token(grafana);
    tokenFile = Files.writeString(directory.resolve("token"), token + "\n");
    config = configure("");
  }

  private Path kubeconfig() {
    return directory.resolve("kubeconfig");
  }

  private Path configure(String more) throws IOException {
    return Files.writeString(
        directory.resolve("scopegate.yaml"),
        """
        tempo: {distributor: distributor.test, queryFrontend: query-frontend.test}
        authentication: {kubernetes: {kubeconfig: "%s"}}
        """
                .formatted(kubeconfig())
            + more);
  }

  @AfterEach
  void close() {
    try {
      assertThat(out.toString()).doesNotContain(token).doesNotContain(token.split("\\.")[2]);
      assertThat(err.toString()).doesNotContain(token);
    } finally {
      kubernetes.close();
    }
  }

  private int run(String... args) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    List<String> all = new ArrayList<>(List.of("explain", "--config", config.toString()));
    all.addAll(Arrays.asList(args));
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commandLine.execute(all.toArray(String[]::new));
  }

  private String explain(String... args) {
    assertThat(run(args)).as(err.toString()).isEqualTo(Main.OK);
    return out.toString();
  }

  private String withToken(String... args) {
    List<String> all = new ArrayList<>(List.of("--token-file", tokenFile.toString()));
    all.addAll(Arrays.asList(args));
    return explain(all.toArray(String[]::new));
  }

  @Test
  void aTenantInThePathIsExplained() throws IOException {
    kubernetes.grant(grafana.subject(), Rule.readTraces("payments"));
    config =
        configure(
            """
            listeners:
              all:
                address: "127.0.0.1:0"
                serves: [tempo-query]
                upstream: query-frontend
                tenantInPath: true
            """);
    String path = "/api/traces/v1/payments/tempo/api/search";

    assertThat(withToken("--path", path))
        .contains("payments; by header")
        .contains("receives /api/search\n")
        .contains("receives X-Scope-OrgID: payments");
    assertThat(withToken("--path", path, "--tenant", "other"))
        .contains("tenant: the header x-scope-orgid and the path differ");
  }

  @Test
  void anAliasIsExplained() throws IOException {
    kubernetes.grant(grafana.subject(), Rule.writeTraces("payments"));
    config =
        configure(
            """
            listeners:
              all:
                address: "127.0.0.1:0"
                serves: [otlp-http]
                upstream: distributor-otlp-http
                pathAliases: {/otlp/v1/traces: /v1/traces}
            """);

    assertThat(withToken("--method", "POST", "--path", "/otlp/v1/traces", "--tenant", "payments"))
        .contains("request        POST /otlp/v1/traces")
        .contains("endpoint       /v1/traces, operation write\n")
        .contains("receives /v1/traces\n");
    assertThat(withToken("--method", "POST", "--path", "/otlp/v1/trace", "--tenant", "payments"))
        .contains("endpoint       none on all\n");
  }

  private JsonObject json(String... args) {
    List<String> all = new ArrayList<>(List.of("--output", "json"));
    all.addAll(Arrays.asList(args));
    return new JsonObject(withToken(all.toArray(String[]::new)));
  }

  /** What stands under a title, as somebody would paste it. */
  private static String pasted(String text, String title) {
    int begin = text.indexOf("# " + title);
    int end = text.indexOf("\n\n", begin);
    return text.substring(text.indexOf('\n', begin) + 1, end + 1);
  }

  @Test
  void whatIsAllowedIsShownStepByStep() {
    kubernetes.grant(grafana.subject(), Rule.readTraces("payments"));

    String text = withToken("--tenant", "payments", "--path", SEARCH);

    assertThat(text)
        .contains(
            """
            request        GET /api/search, X-Scope-OrgID: payments, a token
            listener       query
            endpoint       /api/search, operation read
            identity       system:serviceaccount:payments:grafana
            """)
        .contains("groups system:serviceaccounts, ")
        .contains("by TokenReview, just now\n")
        .contains("tenant         payments; by header\n")
        .contains("authorization  payments: yes\n")
        .contains("by SubjectAccessReview, just now\n")
        .contains("limits         payments: none\n")
        .contains(
            """
            upstream       query-frontend, http://query-frontend.test:3200
                           receives X-Scope-OrgID: payments
                           receives no token
            answer         from the upstream: the request would be forwarded
            """)
        .doesNotContain("would allow it");
    assertThat(pasted(text, "the review"))
        .contains("kind: SubjectAccessReview\n")
        .contains("  user: \"system:serviceaccount:payments:grafana\"\n")
        .endsWith(
            """
              resourceAttributes:
                verb: get
                group: tempo.grafana.com
                resource: payments
                name: traces
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "tempo-operator; ''",
        "namespaced; ''",
        "custom; ', resourceAttributes: {apiGroup: example.org, resource: things,"
            + " subresource: spans, name: \"{user}\", namespace: \"ns-{tenant}\"}'"
      })
  void theRuleThatIsPrintedAllowsIt(String mapping, String attributes) throws IOException {
    configure("authorization: {mapping: " + mapping + attributes + "}\n");

    String refused = withToken("--tenant", "payments", "--path", SEARCH);
    assertThat(refused)
        .contains("authorization  payments: no\n")
        .contains("answer         HTTP 403 (forbidden)\n")
        .contains("authorization: user system:serviceaccount:payments:grafana may not read");
    kubernetes.apply(pasted(refused, "would allow it"));

    assertThat(withToken("--tenant", "payments", "--path", SEARCH))
        .contains("authorization  payments: yes\n")
        .contains("the request would be forwarded");
    assertThat(withToken("--tenant", "payments", "--method", "POST", "--path", "/v1/traces"))
        .contains("authorization  payments: no\n");
  }

  /** With {@code -Dscopegate.docs.write} the output in the README is brought up to date. */
  @Test
  void theReadmeShowsRealOutput() throws IOException {
    configure("");
    Files.writeString(
        config,
        Files.readString(config)
            .replace("distributor.test", "tempo-distributor.monitoring.svc")
            .replace("query-frontend.test", "tempo-query-frontend.monitoring.svc"));
    ServiceAccount ingest = kubernetes.serviceAccount("payments", "ingest");
    Files.writeString(tokenFile, kubernetes.token(ingest));
    String output =
        withToken("--tenant", "payments", "--path", SEARCH)
            .replaceAll("uid [0-9a-f-]{36}", "uid 8f1f6a3e-2c55-4e0b-9d0c-8a3d5f0a7b11")
            .replaceAll(
                "uid: \"?[0-9a-f-]{36}\"?", "uid: \"8f1f6a3e-2c55-4e0b-9d0c-8a3d5f0a7b11\"");

    String readme = Files.readString(README);
    int begin = readme.indexOf(BEGIN) + BEGIN.length();
    int end = readme.indexOf(END);
    if (System.getProperty("scopegate.docs.write") != null) {
      readme =
          Files.readString(
              Files.writeString(
                  README, readme.substring(0, begin) + output + readme.substring(end)));
      end = readme.indexOf(END);
    }
    assertThat(readme.substring(begin, end)).isEqualTo(output);
  }

  @Test
  void theRuleInTheDocumentAllowsItToo() {
    JsonObject refused = json("--tenant", "payments", "--path", SEARCH);
    JsonObject right = refused.getJsonArray("rights").getJsonObject(0);
    assertThat(refused.getBoolean("allowed")).isFalse();
    assertThat(right.getString("answer")).isEqualTo("no");
    assertThat(refused.getJsonObject("answer").getInteger("http_status")).isEqualTo(403);
    assertThat(refused.getJsonObject("answer").getJsonObject("body").getString("reason"))
        .isEqualTo("forbidden");
    kubernetes.apply(right.getJsonObject("rule").encode());

    JsonObject allowed = json("--tenant", "payments", "--path", SEARCH);
    assertThat(allowed.getBoolean("allowed")).isTrue();
    assertThat(allowed.getJsonObject("answer").getString("by")).isEqualTo("upstream");
    assertThat(allowed.getJsonObject("tenant").getString("sent")).isEqualTo("payments");
    assertThat(allowed.getJsonObject("who").getString("source")).isEqualTo("token_review");
    assertThat(allowed.getJsonObject("who").getBoolean("cached")).isFalse();
  }

  @Test
  void aGrpcCallIsToldInItsOwnStatus() {
    assertThat(withToken("--tenant", "payments", "--grpc", "tempopb.StreamingQuerier/Search"))
        .contains("request        gRPC /tempopb.StreamingQuerier/Search, ")
        .contains("answer         HTTP 200, gRPC PERMISSION_DENIED (forbidden)\n");
  }

  @Test
  void everyMemberOfAFederatedReadHasItsOwnAnswer() throws IOException {
    configure("tenancy: {ids: {payments: t-1}}\n");
    kubernetes.grant(grafana.subject(), Rule.readTraces("payments"));

    String text = withToken("--tenant", "payments|orders|stock", "--path", SEARCH);

    assertThat(text)
        .contains("tenant         payments, orders, stock; by header\n")
        .contains("payments is sent upstream as t-1\n")
        .contains("authorization  payments: yes\n")
        .contains("authorization  orders: no\n")
        .contains("authorization  stock: not asked\n");
    assertThat(
            json("--tenant", "payments|orders|stock", "--path", SEARCH)
                .getJsonArray("rights")
                .stream()
                .map(right -> ((JsonObject) right).getString("answer")))
        .containsExactly("yes", "no", "not asked");
  }

  @Test
  void withoutATokenItSaysWhatAClientWithoutOneIsTold() {
    assertThat(explain("--tenant", "payments", "--path", SEARCH))
        .contains("no token\n")
        .contains("answer         HTTP 401 (unauthenticated)\n")
        .contains("authentication: no authorization header");
  }

  @Test
  void aTokenMayComeByStandardInput() {
    CommandLine commandLine =
        new CommandLine(
            new ExplainCommand(new ByteArrayInputStream(token.getBytes(StandardCharsets.UTF_8))));
    commandLine.setOut(new PrintWriter(out, true));

    assertThat(
            commandLine.execute(
                "--config", config.toString(), "--token-file", "-", "--path", SEARCH))
        .isEqualTo(Main.OK);
    assertThat(out.toString()).contains("tenant         payments; by namespace\n");
  }

  @Test
  void aRejectedTokenIsSaidToBeOne() throws IOException {
    Files.writeString(tokenFile, "nobodys");

    assertThat(withToken("--tenant", "payments", "--path", SEARCH))
        .contains("identity       none: ")
        .contains("answer         HTTP 401 (unauthenticated)\n");
  }

  @Test
  void aMissingTenantIsSaidToBeMissing() throws IOException {
    configure("tenancy: {source: [header]}\n");

    assertThat(withToken("--path", SEARCH))
        .contains("no X-Scope-OrgID, a token\n")
        .contains("tenant         none: tenant: none given (expected: the header x-scope-orgid)\n")
        .contains("answer         HTTP 400 (tenant_invalid)\n");
  }

  @Test
  void anEndpointWithoutATenantNeedsNone() {
    assertThat(withToken("--path", "/api/echo"))
        .contains("tenant         none is needed\n")
        .contains("the request would be forwarded");
  }

  @ParameterizedTest
  @CsvSource({
    "/flush, GET, HTTP 404 (not_found)",
    "/api/search, DELETE, HTTP 405 (method_not_allowed)",
    "/api/../flush, GET, HTTP 400 (malformed)",
  })
  void whatNobodyServesIsExplainedWithoutACluster(String path, String method, String answer)
      throws IOException {
    Files.writeString(
        kubeconfig(),
        """
        current-context: nowhere
        contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody}}]
        clusters: [{name: nowhere, cluster: {server: "https://127.0.0.1:1"}}]
        users: [{name: nobody, user: {token: t}}]
        """);

    assertThat(withToken("--path", path, "--method", method, "--tenant", "payments"))
        .contains("endpoint       none on otlp-grpc, otlp-http, query\n")
        .contains("answer         " + answer + "\n");
  }

  @Test
  void ingestIsServedWithoutSayingPost() {
    assertThat(withToken("--tenant", "payments", "--path", "/v1/traces"))
        .contains("request        POST /v1/traces")
        .contains("endpoint       /v1/traces, operation write\n");
  }

  @Test
  void anApiServerThatHangsLeavesItUndecided() throws IOException {
    kubernetes.faults().always(RequestKind.TOKEN_REVIEW, Fault.hang());

    assertThat(withToken("--tenant", "a", "--path", SEARCH, "--timeout", "300ms"))
        .contains("answer         HTTP 503 (undecided)\n")
        .contains("explain: no answer within 300 ms\n");

    configure("");
    Files.writeString(
        config,
        Files.readString(config)
            .replace("kubeconfig\"}", "kubeconfig\", reviews: {timeout: 300ms}}"));
    assertThat(withToken("--tenant", "a", "--path", SEARCH))
        .contains("identity       undecided: ")
        .contains("answer         HTTP 503 (undecided)\n");
    kubernetes.faults().clear();
  }

  @Test
  void severalListenersThatServeItMustBeTakenApart() throws IOException {
    configure(
        """
        listeners:
          a: {address: "127.0.0.1:0", serves: [tempo-query], upstream: query-frontend}
          b: {address: "127.0.0.1:0", serves: [tempo-query], upstream: query-frontend}
        """);

    assertThat(run("--path", SEARCH)).isEqualTo(Main.USAGE);
    assertThat(err.toString()).contains("listener: several serve this (expected: one of a, b)");
    assertThat(withToken("--path", SEARCH, "--listener", "b")).contains("listener       b\n");
  }

  @Test
  void theLimitsOfTheConfigurationAreShown() {
    JsonObject limits = json("--tenant", "payments", "--path", SEARCH).getJsonObject("limits");

    assertThat(limits).isEqualTo(new JsonObject().put("payments", new JsonObject()));
    assertThat(json("--tenant", "a", "--path", SEARCH).getJsonArray("listeners"))
        .isEqualTo(new JsonArray().add("otlp-grpc").add("otlp-http").add("query"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--tenant a",
        "--path /a --grpc b/c",
        "--grpc nothing",
        "--path a",
        "--path /a --listener none",
        "--path /a --output xml",
        "--path /a --timeout soon",
        "--path /a --timeout 0s",
        "--path /a --method G=T",
      })
  void aWrongCommandLineIsToldApart(String args) {
    assertThat(run(args.split(" "))).isEqualTo(Main.USAGE);
    assertThat(err.toString()).isNotEmpty();
  }

  @Test
  void wrongInputIsToldApart() throws IOException {
    Path none = directory.resolve("none");
    assertThat(run("--path", SEARCH, "--token-file", none.toString())).isEqualTo(Main.WRONG);
    assertThat(err.toString()).contains("--token-file: " + none);

    Files.writeString(none, " \n");
    assertThat(run("--path", SEARCH, "--token-file", none.toString())).isEqualTo(Main.WRONG);

    Files.writeString(none, "x".repeat(100_000));
    assertThat(run("--path", SEARCH, "--token-file", none.toString())).isEqualTo(Main.WRONG);

    Files.writeString(kubeconfig(), "no kubeconfig");
    assertThat(run("--path", SEARCH)).isEqualTo(Main.WRONG);
    assertThat(err.toString()).contains("authentication.kubernetes.kubeconfig: ");

    configure("nonsense: 1\n");
    assertThat(run("--path", SEARCH)).isEqualTo(Main.WRONG);
    assertThat(err.toString()).containsPattern(Pattern.compile(":3:1 nonsense: unknown key"));
  }

  @Test
  void aSearchForAnyScriptIsExplainedAsTheGatewayAnswersIt() throws IOException {
    kubernetes.grant(grafana.subject(), Rule.readTraces("payments"));
    String search = "/api/search?q={name=\"Zürich-東京\"}";
    assertThat(withToken("--path", search, "--tenant", "payments"))
        .doesNotContain("malformed")
        .contains("answer         from the upstream");
    assertThat(withToken("--path", "/api/東京", "--tenant", "payments")).contains("400");
  }

  @Test
  void whatATerminalWouldActUponIsEscaped() {
    assertThat(explain("--path", "/a\u001b[31m", "--tenant", "a\u202eb"))
        .doesNotContain("\u001b")
        .doesNotContain("\u202e")
        .contains("/a\\u001b[31m");
  }

  // ---- without a token, without Kubernetes, with an exit code

  @Test
  void aUserOrAServiceAccountCanBeAskedAboutWithoutItsToken() throws IOException {
    configure("");
    kubernetes.grant(grafana.subject(), Rule.readTraces("payments"));
    assertThat(explain("--as", "payments/grafana", "--tenant", "payments", "--path", SEARCH))
        .contains("identity       system:serviceaccount:payments:grafana\n")
        .contains("groups system:serviceaccounts, system:serviceaccounts:payments, system:auth")
        .contains("by what was asked; no token\n")
        .contains("authorization  payments: yes\n");
    assertThat(
            explain(
                "--as", "jane", "--groups", "dev,ops", "--tenant", "payments", "--path", SEARCH))
        .contains("identity       jane\n")
        .contains("groups dev, ops, system:authenticated\n")
        .contains("authorization  payments: no\n");
    assertThat(kubernetes.requests().of(RequestKind.TOKEN_REVIEW)).isZero();
    assertThat(run("--as", "jane", "--token-file", tokenFile.toString(), "--path", SEARCH))
        .isEqualTo(2);
    assertThat(run("--groups", "dev", "--path", SEARCH)).isEqualTo(2);
  }

  @Test
  void theExitCodeTellsForwardedRefusedAndUndecidedApartWhenAskedTo() throws IOException {
    configure("");
    String[] question = {
      "--exit-code", "--as", "payments/grafana", "--tenant", "payments", "--path", SEARCH
    };
    assertThat(run(question)).isEqualTo(1);
    kubernetes.grant(grafana.subject(), Rule.readTraces("payments"));
    assertThat(run(question)).isZero();
    kubernetes.faults().always(RequestKind.SUBJECT_ACCESS_REVIEW, Fault.status(500));
    assertThat(run(question)).isEqualTo(3);
    kubernetes.faults().clear();
  }

  @Test
  void whereKubernetesIsOffTheStaticRuleIsPrintedAndAllowsIt() throws IOException {
    String hash = "4a5c57b2a4c2d4e5f9ffb1dbc09dd4d8ed2a2a1cbd24f6f7a2b6d12a2d9c5f10";
    Path tokens =
        Files.writeString(
            directory.resolve("tokens.yaml"),
            "tokens: [{sha256: " + hash + ", user: \"o'neil: ops\"}]\n");
    String offline =
        """
        tempo: {distributor: distributor.test, queryFrontend: query-frontend.test}
        authentication: {kubernetes: {mode: off}, staticTokens: "%s"}
        """
            .formatted(tokens);
    String another = "authorization: {static: [{user: x, tenants: [a], operations: [read]}]}\n";
    Files.writeString(config, offline + another);
    String[] question = {"--as", "o'neil: ops", "--tenant", "team-b", "--path", SEARCH};
    String refused = explain(question);
    assertThat(refused)
        .contains("authorization  team-b: no\n")
        .contains("# would allow it; add to the configuration")
        .doesNotContain("kubectl", "ClusterRole", "SubjectAccessReview");
    Files.writeString(config, offline + pasted(refused, "would allow it"));
    assertThat(explain(question)).contains("authorization  team-b: yes\n");
  }

  @Test
  void anExpiredTokenIsRefusedByTheKeysAsByTheGateway() throws IOException {
    configure("");
    Files.writeString(
        tokenFile,
        kubernetes.token(
            grafana,
            TokenSpec.defaults()
                .issued(Instant.now().minusSeconds(600))
                .lasting(Duration.ofSeconds(500))));
    for (int i = 0; i < 3; i++) {
      assertThat(withToken("--tenant", "payments", "--path", SEARCH))
          .contains("identity       none: the token has expired\n")
          .contains("cause: exp is ");
    }
    assertThat(kubernetes.requests().of(RequestKind.TOKEN_REVIEW)).isZero();
  }

  @Test
  void aRightThatWasGrantedForTheOtherMappingIsPointedOut() throws IOException {
    configure("authorization: {mapping: namespaced}\n");
    kubernetes.grant(grafana.subject(), Rule.readTraces("payments"));
    assertThat(withToken("--tenant", "payments", "--path", SEARCH))
        .contains("authorization  payments: no\n")
        .contains("with authorization.mapping: tempo-operator it would be allowed");
    JsonObject document = json("--tenant", "payments", "--path", SEARCH);
    assertThat(document.getJsonArray("rights").getJsonObject(0).getString("other_mapping"))
        .isEqualTo("tempo-operator");
    assertThat(withToken("--tenant", "other", "--path", SEARCH))
        .doesNotContain("would be allowed:");
  }
}
