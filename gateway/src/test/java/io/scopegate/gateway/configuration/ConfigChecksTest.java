package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.TestFiles;
import io.scopegate.testkit.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong about keys together, and what is not implemented yet. */
final class ConfigChecksTest {
  private static final String TEMPO = "tempo: {distributor: d, queryFrontend: q}\n";

  @TempDir private Path directory;

  private List<String> problems(String yaml) {
    return TestFiles.problems(TestFiles.load(directory, yaml));
  }

  private void assertProblem(String yaml, String problem) {
    assertThat(problems(yaml)).containsExactly(problem);
  }

  private static String listener(String rest) {
    return TEMPO + "listeners:\n  a: {address: \"127.0.0.1:1\", " + rest + "}\n";
  }

  // ---- upstreams

  @ParameterizedTest
  @ValueSource(strings = {"", "log: {level: debug}", "tempo: null"})
  void tempoOrUpstreamsHasToBeGiven(String yaml) {
    assertThat(problems(yaml))
        .singleElement()
        .asString()
        .endsWith(
            "tempo: missing (expected: tempo with distributor and queryFrontend, or upstreams)");
  }

  @Test
  void tempoAndUpstreamsContradict() {
    assertThat(problems(TEMPO + "upstreams: {a: {url: \"http://a:1\"}}"))
        .contains("1:8 tempo: given together with upstreams (expected: only one of the two)");
  }

  @Test
  void tempoTakesHostsOnly() {
    assertProblem(
        "tempo: {distributor: 'd:4317', queryFrontend: q}",
        "1:22 tempo.distributor: d:4317 (expected: a host name or an IP address, without a scheme"
            + " and a port; upstreams for other ports)");
    assertProblem(
        "tempo: {distributor: d}",
        "1:8 tempo.queryFrontend: missing (expected: a host name or an IP address, without a"
            + " scheme and a port; upstreams for other ports)");
  }

  @ParameterizedTest
  @CsvSource({
    "http,h2,h2 needs an https URL (expected: h2c; http1 or auto)",
    "https,h2c,h2c needs an http URL (expected: h2; http1 or auto)",
  })
  void schemeAndProtocolContradict(String scheme, String protocol, String problem) {
    int column = "  a: {url: '', protocol: ".length() + (scheme + "://a:1").length() + 1;
    assertProblem(
        upstream(scheme + "://a:1", ", protocol: " + protocol),
        "2:%d upstreams.a.protocol: %s".formatted(column, problem.replace(";", ",")));
  }

  @Test
  void grpcElsewhereIsSpokenLikeTheRest() {
    assertProblem(
        upstream("http://a:1", ", grpcUrl: 'https://a:2'"),
        "2:35 upstreams.a.grpcUrl: https://a:2 has another scheme than url (expected:"
            + " http://host:port)");
    assertProblem(
        upstream("http://a:1", ", grpcUrl: 'http://a:2', protocol: http1"),
        "2:35 upstreams.a.grpcUrl: http://a:2 is of no use with protocol: http1, which has no gRPC"
            + " (expected: another protocol)");
    assertThat(problems(upstream("https://a:1", ", grpcUrl: 'https://a:2', protocol: h2")))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "tempo", "/", "/tempo/", "//a", "/a//b", "/a/../b", "/.", "/a%2Fb", "/a;b", "/a?b",
        "/a#b", "/a b", "/a/.b"
      })
  void aPathPrefixIsPlain(String prefix) {
    assertThat(problems(upstream("http://a:1", ", pathPrefix: '" + prefix + "'")))
        .singleElement()
        .satisfies(p -> assertThat(p).contains("expected: a path like /tempo"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/tempo", "/one/t-w_o~3", "/v1.2"})
  void aPathPrefixMayHaveSegments(String prefix) {
    assertThat(problems(upstream("http://a:1", ", pathPrefix: " + prefix))).isEmpty();
  }

  private static String upstream(String url, String rest) {
    return "upstreams:\n  a: {url: \""
        + url
        + "\""
        + rest
        + "}\n"
        + "listeners: {l: {address: \"127.0.0.1:1\", serves: [generic-read], upstream: a}}\n";
  }

  @ParameterizedTest
  @CsvSource({"http,http1", "http,h2c", "http,auto", "https,http1", "https,h2", "https,auto"})
  void schemeAndProtocolFit(String scheme, String protocol) {
    assertThat(problems(upstream(scheme + "://a:1", ", protocol: " + protocol))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a:1",
        "ftp://a",
        "http://",
        "http://a/b",
        "http://u@a",
        "http://a:0",
        "http://a?x",
        "http://a:65536",
        "http://[a]:1",
        "HTTP://a"
      })
  void aUrlIsSchemeHostAndPort(String url) {
    assertProblem(
        upstream(url, ""),
        "2:12 upstreams.a.url: "
            + url.replace("u@", "********@")
            + " (expected: http://host:port or https://host:port,"
            + " without a path, or unix:///path/of.sock)");
  }

  @Test
  void tlsNeedsAnHttpsUrl() {
    assertProblem(
        upstream("http://a:1", ", tls: {insecureSkipVerify: true}"),
        "2:31 upstreams.a.tls: has no effect with an http URL (expected: an https URL)");
    assertThat(problems(upstream("https://a:1", ", tls: {insecureSkipVerify: true}"))).isEmpty();
  }

  @Test
  void theCertificatesOfAnUpstreamAreRead() {
    assertThat(
            problems(
                upstream(
                    "https://a",
                    ", tls: {caFile: \"${CRT}\", certificateFile: \"${CRT}\","
                        + " keyFile: \"${KEY}\"}")))
        .isEmpty();
    assertProblem(
        upstream("https://a", ", tls: {caFile: /none}"),
        "2:39 upstreams.a.tls.caFile: /none does not exist (expected: a file that can be read)");
    assertProblem(
        upstream("https://a", ", tls: {certificateFile: \"${CRT}\"}"),
        "2:30 upstreams.a.tls.keyFile: missing (expected: both certificateFile and keyFile)");
  }

  // ---- listeners

  @Test
  void aListenerServesByOneOfTwoForms() {
    assertProblem(
        listener(""), "3:6 listeners.a.serves: missing (expected: serves and upstream, or routes)");
    assertProblem(
        listener("serves: [otlp-grpc]"),
        "3:6 listeners.a.upstream: missing (expected: one of distributor-otlp-grpc,"
            + " distributor-otlp-http, query-frontend)");
    assertProblem(
        listener("upstream: query-frontend, routes: []"),
        "3:65 listeners.a.routes: given together with serves or upstream (expected: routes, or"
            + " serves and upstream)");
    assertProblem(
        listener("routes: []"), "3:39 listeners.a.routes: [] (expected: at least one route)");
    assertProblem(TEMPO + "listeners: {}", "2:12 listeners: {} (expected: at least one listener)");
  }

  @Test
  void anUpstreamHasToExist() {
    assertProblem(
        listener("routes: [{serves: [otlp-http], upstream: nowhere}]"),
        "3:72 listeners.a.routes[0].upstream: nowhere (expected: one of distributor-otlp-grpc,"
            + " distributor-otlp-http, query-frontend)");
  }

  @Test
  void whatTheDefaultListenersLackIsSaidOnce() {
    assertProblem(
        "upstreams: {a: {url: \"http://a:1\"}}",
        "1:12 upstreams: the default listeners need distributor-otlp-grpc, distributor-otlp-http,"
            + " query-frontend (expected: upstreams of these names, or listeners of your own)");
  }

  @Test
  void anUpstreamThatIsWrongItselfIsNotMissing() {
    assertThat(problems(upstream("nonsense", ""))).hasSize(1);
  }

  @Test
  void aPortServesEachProtocolOnce() {
    assertProblem(
        listener("serves: [], upstream: query-frontend"),
        "3:39 listeners.a.serves: [] (expected: at least one protocol)");
    assertProblem(
        listener(
            "routes: [{serves: [otlp-http], upstream: query-frontend},"
                + " {serves: [otlp-http], upstream: distributor-otlp-http}]"),
        "3:98 listeners.a.routes[1].serves: otlp-http twice (expected: each protocol once)");
    assertProblem(
        listener("serves: [generic-read, generic-write], upstream: query-frontend"),
        "3:39 listeners.a.serves: generic-read and generic-write, which both take any path"
            + " (expected: one of them)");
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:1,127.0.0.1:1",
    "0.0.0.0:1,127.0.0.1:1",
    "127.0.0.1:1,[::]:1",
    "localhost:8080,localhost:1",
  })
  void aPortIsTakenOnce(String first, String second) {
    assertThat(problems(twoListeners(first, second)))
        .singleElement()
        .asString()
        .contains(" is taken by listeners.a.address (expected: another address)");
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1:1,127.0.0.2:1", "127.0.0.1:0,127.0.0.1:0", "0.0.0.0:1,0.0.0.0:2"})
  void portsThatDifferAreFine(String first, String second) {
    assertThat(problems(twoListeners(first, second))).isEmpty();
  }

  private static String twoListeners(String first, String second) {
    String rest = ", serves: [otlp-http], upstream: query-frontend}\n";
    return TEMPO
        + "listeners:\n  a: {address: \""
        + first
        + "\""
        + rest
        + "  b: {address: \""
        + second
        + "\""
        + rest;
  }

  // ---- TLS

  @Test
  void tlsNeedsACertificateAndItsKey() {
    assertThat(problems(TEMPO + "tls: {mode: required}"))
        .containsExactly(
            "2:6 tls.certificateFile: missing, and tls.mode: required needs a certificate"
                + " (expected: certificateFile and keyFile, certificates, or selfSigned: true)");
  }

  @Test
  void certificateAndKeyHaveToBelongTogether() {
    assertThat(
            problems(
                TEMPO
                    + "tls: {mode: optional, certificateFile: \"${CRT}\","
                    + " keyFile: \"${OTHER_KEY}\"}"))
        .singleElement()
        .asString()
        .startsWith("2:59 tls.keyFile: ")
        .contains("(expected: the key of the certificate in ");
    assertThat(
            problems(
                TEMPO + "tls: {mode: optional, certificateFile: \"${CRT}\", keyFile: \"${KEY}\"}"))
        .isEmpty();
  }

  @Test
  void noNameMayLeadToTwoCertificates() {
    TestCa ca = TestCa.create();
    String yaml =
        TEMPO
            + "tls:\n  mode: required\n  certificates:\n"
            + entry("a", ca.named("a.example.com", "*.example.com"))
            + entry("b", ca.named("b.example.com"))
            + entry("c", ca.named("c.example.com", "*.example.com"))
            + entry("d", ca.client("d"));

    assertThat(problems(yaml))
        .containsExactly(
            "7:25 tls.certificates[2].certificateFile: *.example.com is in "
                + directory.resolve("a.crt")
                + " as well (expected: certificates without names in common)",
            "8:25 tls.certificates[3].certificateFile: "
                + directory.resolve("d.crt")
                + " has no DNS name, by which it would be chosen (expected: a certificate with a"
                + " DNS name)");
  }

  private String entry(String name, TestCa.Issued issued) {
    return "    - {certificateFile: %s, keyFile: %s}\n"
        .formatted(
            issued.writeCertificate(directory.resolve(name + ".crt")),
            issued.writeKey(directory.resolve(name + ".key")));
  }

  @Test
  void theOnlyCertificateMayBeTheFirstOfTheList() {
    String entry = "{certificateFile: '${CRT}', keyFile: '${KEY}'}";
    assertThat(problems(TEMPO + "tls: {mode: required, certificates: [" + entry + "]}")).isEmpty();
    assertThat(
            problems(
                TEMPO
                    + "tls: {mode: required, certificates: [{certificateFile: '${CRT}',"
                    + " keyFile: '${OTHER_KEY}'}]}"))
        .singleElement()
        .asString()
        .contains("tls.certificates[0].keyFile: ", "(expected: the key of the certificate in ");
    assertThat(
            problems(
                TEMPO + "tls: {mode: required, keyFile: '${KEY}', certificates: [" + entry + "]}"))
        .singleElement()
        .asString()
        .contains("tls.certificateFile: missing (expected: both certificateFile and keyFile)");
  }

  @Test
  void clearTextCannotBeRefusedWhereThereIsNothingElse() {
    assertThat(problems(TEMPO + "tls: {clearTextTokens: reads}"))
        .containsExactly(
            "2:24 tls.clearTextTokens: reads cannot be kept while tls.mode is disabled (expected:"
                + " allow, or tls.mode: required or optional)");
  }

  @Test
  void filesThatCannotBeReadAreReportedOnce() {
    assertThat(
            problems(TEMPO + "tls: {mode: required, certificateFile: /no, keyFile: \"${KEY}x\"}"))
        .hasSize(2)
        .first()
        .asString()
        .startsWith(
            "2:40 tls.certificateFile: /no does not exist (expected: a file that can be read");
  }

  // ---- authorisation and authentication

  @Test
  void resourceAttributesNeedTheCustomMapping() {
    assertProblem(
        TEMPO + "authorization: {resourceAttributes: {name: other}}",
        "2:44 authorization.resourceAttributes.name: other is never used with mapping:"
            + " tempo-operator (expected: mapping: custom, or no value here)");
    assertThat(
            problems(
                TEMPO
                    + "authorization: {mapping: custom, resourceAttributes: {name: other,"
                    + " resource: \"{tenant}-{operation}\", namespace: \"{user}\"}}"))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://shop.example/",
        "HTTPS://shop.example",
        "https://shop.example:443",
        "shop.example",
        "null",
        "",
        "https://*.example",
        "https://user@shop.example"
      })
  void whatNoBrowserSendsIsNoOrigin(String origin) {
    assertThat(
            problems(
                listener(
                    "serves: [otlp-http], upstream: query-frontend, cors: {origins: [\""
                        + origin
                        + "\"]}")))
        .singleElement()
        .asString()
        .contains("cors.origins[0]: ")
        .endsWith("(expected: an origin as browsers write it, such as https://shop.example)");
  }

  @Test
  void anyOriginIsAloneAndWithoutCredentials() {
    String cors = "serves: [otlp-http], upstream: query-frontend, cors: ";
    assertThat(problems(listener(cors + "{origins: [\"*\"]}"))).isEmpty();
    assertThat(problems(listener(cors + "{origins: [\"http://[::1]:3000\", \"app://x\"]}")))
        .isEmpty();
    assertThat(problems(listener(cors + "{origins: [\"*\"], credentials: true}")))
        .singleElement()
        .asString()
        .endsWith(
            "cors.origins[0]: * cannot be combined with cors.credentials (expected: the origins"
                + " themselves)");
    assertThat(problems(listener(cors + "{origins: [\"http://a\", \"*\"]}")))
        .singleElement()
        .asString()
        .endsWith("cors.origins[1]: * together with other origins (expected: * alone)");
    assertThat(problems(listener(cors + "{origins: [\"http://a\"], headers: [\"a b\"]}")))
        .singleElement()
        .asString()
        .endsWith("cors.headers[0]: a b (expected: the name of a header)");
  }

  @Test
  void whatIsProxiedIsNotChangedForGrpcWeb() {
    assertThat(
            problems(listener("serves: [proxy], upstream: query-frontend, grpcWeb: true")).stream()
                .filter(problem -> problem.contains("grpcWeb")))
        .singleElement(org.assertj.core.api.InstanceOfAssertFactories.STRING)
        .endsWith("grpcWeb: true has no effect with serves: [proxy] (expected: false)");
  }

  @Test
  void aTenantInThePathHasToCountFirst() {
    String tenantInPath = "serves: [tempo-query], upstream: query-frontend, tenantInPath: true";
    assertThat(problems(listener(tenantInPath))).isEmpty();
    assertThat(problems(listener(tenantInPath) + "tenancy: {source: [namespace, header]}"))
        .singleElement()
        .asString()
        .endsWith(
            "tenantInPath: true needs header as the first of tenancy.source (expected: false, or"
                + " another order there)");
    assertThat(
            problems(listener("serves: [otlp-grpc], upstream: query-frontend, tenantInPath: true")))
        .singleElement()
        .asString()
        .endsWith(
            " has no effect without otlp-http, tempo-query or tempo-overrides (expected: false)");
  }

  @Test
  void anAliasStandsForAPathThatIsServed() {
    String serves = "serves: [otlp-http, zipkin], upstream: query-frontend, pathAliases: ";
    assertThat(problems(listener(serves + "{/otlp/v1/traces: /v1/traces, /zipkin/spans: /spans}")))
        .isEmpty();
    assertThat(problems(listener(serves + "{/otlp/v1/traces: /v1/trace}")))
        .singleElement()
        .asString()
        .endsWith(
            "pathAliases[\"/otlp/v1/traces\"]: /v1/trace (expected: one of /v1/traces,"
                + " /api/v2/spans, /api/v1/spans, /spans)");
    for (String alias : List.of("otlp", "/a//b", "/a?b", "/../a", "/a%41")) {
      assertThat(problems(listener(serves + "{\"" + alias + "\": /v1/traces}")))
          .as(alias)
          .singleElement()
          .asString()
          .endsWith(alias + " is not a plain path (expected: a path such as /otlp/v1/traces)");
    }
    assertThat(problems(listener(serves + "{/spans: /v1/traces}")))
        .singleElement()
        .asString()
        .endsWith("/spans is an endpoint of the listener itself (expected: another path)");
    assertThat(
            problems(
                listener("serves: [otlp-grpc], upstream: query-frontend, pathAliases: {/a: /b}")))
        .singleElement()
        .asString()
        .endsWith("the listener serves no endpoint with an exact path (expected: {})");
  }

  @Test
  void placeholdersAreKnown() {
    assertProblem(
        TEMPO + "authorization: {mapping: custom, resourceAttributes: {name: \"{tenent}\"}}",
        "2:61 authorization.resourceAttributes.name: {tenent} (expected: {tenant}, {operation} or"
            + " {user})");
    assertThat(
            problems(TEMPO + "authorization: {mapping: custom, resourceAttributes: {name: \"{\"}}"))
        .hasSize(1);
  }

  @Test
  void aCustomMappingTellsTenantsApart() {
    assertProblem(
        TEMPO + "authorization: {mapping: custom, resourceAttributes: {resource: traces}}",
        "2:54 authorization.resourceAttributes: {tenant} is in none of them, or in apiVersion only,"
            + " which RBAC ignores (expected: {tenant} in another one)");
    assertThat(
            problems(
                TEMPO
                    + "authorization: {mapping: custom, resourceAttributes: {resource: traces,"
                    + " apiVersion: \"{tenant}\"}}"))
        .singleElement()
        .asString()
        .contains("resourceAttributes: {tenant} is in none of them");
  }

  @Test
  void readingAndWritingAreToldApart() {
    assertProblem(
        TEMPO + "authorization: {verbs: {read: use, write: use}}",
        "2:43 authorization.verbs.write: use is the verb of read, so who may read may write"
            + " (expected: another verb, or {operation} in an attribute other than apiVersion)");
    String custom =
        TEMPO
            + "authorization: {verbs: {read: use, write: use}, mapping: custom,"
            + " resourceAttributes: {resource: \"{tenant}\", %s: \"{operation}\"}}";
    assertThat(problems(custom.formatted("apiVersion"))).hasSize(1);
    assertThat(problems(custom.formatted("name"))).isEmpty();
  }

  @Test
  void anAudienceIsNotEmpty() {
    assertProblem(
        TEMPO + "authentication: {kubernetes: {audiences: [tempo, ''] }}",
        "2:50 authentication.kubernetes.audiences[1]: \"\" (expected: an audience)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"''", "GET", "a b"})
  void verbsAreInLowerCase(String verb) {
    assertThat(problems(TEMPO + "authorization: {verbs: {read: " + verb + "}}"))
        .singleElement()
        .asString()
        .contains("authorization.verbs.read: ")
        .endsWith("(expected: a verb in lower case, such as get)");
  }

  @Test
  void theKubeconfigIsReadAsByServe() throws IOException {
    assertProblem(
        TEMPO + "authentication: {kubernetes: {kubeconfig: /none}}",
        "2:43 authentication.kubernetes.kubeconfig: kubeconfig: /none: no such file (expected: a"
            + " readable file)");
    Path file = Files.createTempFile(directory, "kubeconfig", "");
    Files.writeString(file, "hello: x");
    assertProblem(
        TEMPO + "authentication: {kubernetes: {kubeconfig: " + file + "}}",
        "2:43 authentication.kubernetes.kubeconfig: kubeconfig: "
            + file
            + ": current-context: missing (expected: the name of a context)");
  }

  // ---- tenancy

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b",
        "",
        "Authorization",
        "host",
        "x:y",
        "tenant\u00e9",
        "X-Forwarded-For",
        "x-forwarded-proto",
        "x-forwarded-host",
        "X-Request-Id",
        "accept",
        "http2-settings",
        "grpc-status",
        "grpc-metadata",
        "te",
        "trailer",
        "proxy-connection",
        "remote-user",
        "x-remote-extra-a",
        "impersonate-user",
        "x-webauth-user",
        "x-auth-request-a",
        "x-forwarded-access-token"
      })
  void theTenantHeaderIsAHeaderOfItsOwn(String header) {
    assertThat(problems(TEMPO + "tenancy: {header: \"" + header + "\"}"))
        .singleElement()
        .asString()
        .contains("tenancy.header: ")
        .endsWith("(expected: the name of a header of its own)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-Scope-OrgID", "x-scope-userid", "x-tenant"})
  void otherHeadersMayNameTheTenant(String header) {
    assertThat(problems(TEMPO + "tenancy: {header: " + header + "}")).isEmpty();
  }

  @Test
  void tenantsAndIdsAreWhatTempoTakes() {
    String longest = "x".repeat(150);
    assertThat(problems(TEMPO + "tenancy: {ids: {\"a!-_.*'()Z9\": " + longest + "}}")).isEmpty();
    for (String id : List.of("a|b", "a:b", "'.'", "'..'", "a/b", "''", longest + "x", "\u00e9")) {
      assertThat(problems(TEMPO + "tenancy: {ids: {a: \"" + id.replace("'", "") + "\"}}"))
          .as(id)
          .singleElement()
          .asString()
          .startsWith("2:20 tenancy.ids.a: ");
    }
    assertThat(problems(TEMPO + "tenancy: {ids: {'a|b': c}}")).hasSize(1);
  }

  @Test
  void twoNamesHaveTwoIds() {
    assertProblem(
        TEMPO + "tenancy: {ids: {a: x, b: x}}",
        "2:26 tenancy.ids.b: x is the id of a already (expected: another id)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "[header, header]"})
  void tenantSourcesAreNamedOnce(String source) {
    assertThat(problems(TEMPO + "tenancy: {source: " + source + "}"))
        .singleElement()
        .asString()
        .contains("(expected: some of header, namespace, certificate and claim, each once)");
  }

  @Test
  void aFederatedQueryHasOneTenantAtLeast() {
    assertProblem(
        TEMPO + "tenancy: {maxFederated: 0}",
        "2:25 tenancy.maxFederated: 0 (expected: 1 to 10000)");
  }

  @Test
  void aClaimIsNamedWhenItIsASource() {
    assertProblem(
        TEMPO + "tenancy: {source: [header, claim]}",
        "2:10 tenancy.claim: missing, and tenancy.source has claim (expected: the name of a"
            + " claim)");
    assertProblem(
        TEMPO + "tenancy: {claim: org}",
        "2:18 tenancy.claim: org is never used (expected: claim in tenancy.source, or null here)");
    assertThat(problems(TEMPO + "tenancy: {source: [certificate, claim], claim: org}")).isEmpty();
  }

  // ---- identities

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "tenants: [a], operations: [read]; : names nobody (expected: one of user, group and"
            + " serviceAccount)",
        "user: u, group: g, tenants: [a], operations: [read]; : names user and group (expected:"
            + " exactly one",
        "user: ' ', tenants: [a], operations: [read]; .user: ",
        "serviceAccount: name, tenants: [a], operations: [read]; .serviceAccount: name ",
        "serviceAccount: a/b/c, tenants: [a], operations: [read]; .serviceAccount: a/b/c ",
        "serviceAccount: 'a:b/c', tenants: [a], operations: [read]; .serviceAccount: ",
        "user: u, tenants: [], operations: [read]; .tenants: [] ",
        "user: u, tenants: ['a|b'], operations: [read]; .tenants[0]: a|b ",
        "user: u, tenants: [a], operations: []; .operations: [] ",
      })
  void aStaticRuleNamesOneWhoAndWhat(String rule, String problem) {
    assertThat(problems(TEMPO + "authorization: {static: [{" + rule + "}]}"))
        .singleElement()
        .asString()
        .contains(" authorization.static[0]" + problem);
  }

  @Test
  void staticRulesOfEveryKindAreTaken() {
    assertThat(
            problems(
                TEMPO
                    + """
                    authorization:
                      static:
                      - {user: jane, tenants: [a, b], operations: [read]}
                      - {group: ops, tenants: ["*"], operations: [read, write, admin]}
                      - {serviceAccount: apps/writer, tenants: [a], operations: [write]}
                    """))
        .isEmpty();
  }

  @Test
  void authoritiesOfClientsCanBeReadAndAreUsed() {
    String tls = "tls: {mode: required, certificateFile: '${CRT}', keyFile: '${KEY}', ";
    assertThat(problems(TEMPO + tls + "clientCaFile: '${CRT}'}")).isEmpty();
    assertThat(problems(TEMPO + tls + "clientCaFile: '${KEY}'}"))
        .singleElement()
        .asString()
        .contains("tls.clientCaFile: ", " holds something else (expected: certificates in PEM)");
    assertThat(problems(TEMPO + "tls: {clientCaFile: '${CRT}'}"))
        .singleElement()
        .asString()
        .contains("tls.clientCaFile: ", " is never used while tls.mode is disabled");
  }

  @Test
  void withoutKubernetesOthersMustKnowCallersAndGrant() {
    String off = "authentication: {kubernetes: {mode: off}}\n";
    assertThat(problems(TEMPO + off))
        .hasSize(2)
        .anySatisfy(p -> assertThat(p).contains("authorization.static: [] "))
        .anySatisfy(p -> assertThat(p).contains("authentication.kubernetes.mode: off "));
    String rest =
        """
        tls: {mode: required, certificateFile: '${CRT}', keyFile: '${KEY}', clientCaFile: '${CRT}'}
        authorization: {static: [{user: a, tenants: [b], operations: [read]}]%s}
        """;
    assertThat(problems(TEMPO + off + rest.formatted(""))).isEmpty();
    assertThat(problems(TEMPO + off + rest.formatted(", mapping: namespaced")))
        .singleElement()
        .asString()
        .contains("authorization.mapping: ");
    assertThat(
            problems(
                TEMPO
                    + "authentication: {kubernetes: {mode: off, kubeconfig: '${CRT}'}}\n"
                    + rest.formatted("")))
        .singleElement()
        .asString()
        .contains("authentication.kubernetes.kubeconfig: ");
  }

  // ---- authentication

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://a",
        "ftp://a",
        "a",
        "https://",
        "https://u@a",
        "https://a?b",
        "https://a#b",
        "''"
      })
  void anIssuerIsAUrlWhereKeysCanBeReadSafely(String url) {
    assertThat(
            problems(TEMPO + "authentication: {oidc: [{issuer: '" + url + "', audiences: [b]}]}"))
        .isNotEmpty();
  }

  @Test
  void issuersAreToldApartAndTheirTokensMeantForSomebody() {
    assertThat(
            problems(
                TEMPO
                    + """
                    authentication:
                      oidc:
                      - {issuer: "https://a", audiences: []}
                      - {issuer: "https://a", audiences: [""], usernameClaim: " "}
                      - {issuer: "https://b", audiences: [c], caFile: /none}
                      - {issuer: "https://b", audiences: [d]}
                      - {issuer: "https://b", audiences: [e, d]}
                    """))
        .hasSize(5)
        .satisfiesExactly(
            p -> assertThat(p).contains("oidc[0].audiences", "at least one audience"),
            p -> assertThat(p).contains("oidc[1].audiences[0]", "an audience"),
            p -> assertThat(p).contains("oidc[1].usernameClaim", "the name of a claim"),
            p -> assertThat(p).contains("oidc[2].caFile: /none does not exist"),
            p -> assertThat(p).contains("oidc[4].audiences: d", "in one place"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mode: local-only", "foreignTokens: refuse"})
  void whoeverTellsTokensApartHasToCheckThem(String key) {
    assertThat(
            problems(TEMPO + "authentication: {kubernetes: {localJwtCheck: false, " + key + "}}"))
        .singleElement()
        .asString()
        .contains("authentication.kubernetes.localJwtCheck: false cannot be combined with " + key);
  }

  @Test
  void theFileOfStaticTokensIsCheckedInItsOwnPlaces() throws IOException {
    Path tokens = Files.writeString(directory.resolve("tokens.yaml"), "tokens:\n- {user: jane}\n");
    LoadedConfig loaded =
        TestFiles.load(directory, TEMPO + "authentication: {staticTokens: " + tokens + "}");

    assertThat(loaded.isValid()).isFalse();
    assertThat(loaded.problems())
        .singleElement()
        .asString()
        .startsWith(tokens + ":2:3 tokens[0].sha256: ");
  }

  // ---- limits

  @Test
  void aBurstWithoutARateIsAContradiction() {
    assertThat(problems(TEMPO + "limits: {defaults: {ingestBurst: 5MB}}"))
        .anySatisfy(p ->
            assertThat(p)
                .endsWith(
                    " limits.defaults.ingestBurst: 5MB has no effect without ingestBytesPerSecond"
                        + " (expected: null, or ingestBytesPerSecond as well)"));
    assertThat(
            problems(
                TEMPO
                    + "limits: {defaults: {ingestBytesPerSecond: 1MB},"
                    + " tenants: {a: {ingestBurst: 5MB}}}"))
        .isEmpty();
  }

  @Test
  void temposOverridesFileIsRead() throws IOException {
    Path file = Files.writeString(directory.resolve("overrides.yaml"), "overrides: {a: 5}");

    assertThat(problems(TEMPO + "limits: {tempoOverridesFile: " + file + "}"))
        .anySatisfy(p ->
            assertThat(p)
                .contains("limits.tempoOverridesFile: ", "overrides.a: ")
                .containsOnlyOnce("expected"));
    assertThat(problems(TEMPO + "limits: {tempoOverridesFile: /nowhere}"))
        .anySatisfy(p ->
            assertThat(p).endsWith("/nowhere does not exist (expected: a file that can be read)"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://a",
        "redis://a:7000/3",
        "rediss://:hush@a:6380",
        "redis://user:hu%2Fsh@[::1]:6379/0"
      })
  void aSharedStoreHasAUrl(String url) {
    assertThat(problems(TEMPO + "limits: {store: {type: redis, url: '" + url + "'}}")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://a",
        "a:6379",
        "redis:///0",
        "redis://:hush@a b",
        "redis://:hush@a/x",
        "redis://a?verifyPeer=NONE",
        "redis://a,b",
        "redis-sentinel://:hush@a#main",
        "redis-socket:///run/redis.sock"
      })
  void aUrlOfAnythingElseIsRefusedAndNotPrinted(String url) {
    assertThat(problems(TEMPO + "limits: {store: {type: redis, url: '" + url + "'}}"))
        .singleElement()
        .asString()
        .contains("limits.store.url: ******** (expected: redis://")
        .doesNotContain("hush");
  }

  @Test
  void aSharedStoreNeedsAUrlAndAPlainPrefix() {
    assertThat(problems(TEMPO + "limits: {store: {type: redis, prefix: 'a b', caFile: /nowhere}}"))
        .hasSize(3)
        .anySatisfy(
            p -> assertThat(p).contains("limits.store.url: missing, and type: redis needs it (exp"))
        .anySatisfy(p -> assertThat(p).contains("limits.store.prefix: a b (expected: 1 to 64"))
        .anySatisfy(p -> assertThat(p).contains("limits.store.caFile: /nowhere does not exist"));
  }

  // ---- several servers

  @ParameterizedTest
  @ValueSource(
      strings = {
        "endpoints: ['10.0.0.1:4317', '[::1]:4317', 'tempo:1', 'unix:///run/a.sock']",
        "host: client",
        "host: upstream",
        "host: tempo.example:8080",
        "retries: {max: 0, budget: 0}",
        "health: {failures: 0, silence: 0s, slowStart: 0s, minUsable: 0}",
        "connections: {maxAge: 0s}, lookupInterval: 1s",
      })
  void anUpstreamMayBeSeveralServers(String keys) {
    assertThat(problems(upstream("http://a", ", " + keys))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "endpoints: ['a'] | upstreams.a.endpoints[0]: a (expected: host:port, or unix:///path",
        "endpoints: ['a:0'] | upstreams.a.endpoints[0]: a:0 (expected: host:port, or unix:///path",
        "host: 'a b' | upstreams.a.host: a b (expected: client, upstream, or a host name such as",
        "endpoints: ['a:1'], grpcUrl: 'http://a:2' | upstreams.a.grpcUrl: http://a:2 cannot be given",
        "health: {leaveOut: 9s, maxLeaveOut: 1s} | upstreams.a.health.maxLeaveOut: 1000ms is less than",
        "retries: {budget: 101} | upstreams.a.retries.budget: 101 (expected: 0 to 100)",
      })
  void whatIsWrongWithSeveralServersIsSaid(String keys, String problem) {
    assertThat(problems(upstream("http://a", ", " + keys)))
        .singleElement()
        .asString()
        .contains(problem.strip());
  }

  @ParameterizedTest
  @ValueSource(strings = {"unix:/a", "unix://a/b", "unix:///a/", "unix:///"})
  void aSocketHasAnAbsolutePath(String url) {
    assertThat(problems(upstream(url, "")))
        .singleElement()
        .asString()
        .contains("upstreams.a.url: " + url + " (expected: ", "unix:///path/of.sock");
  }

  @Test
  void aSocketSpeaksInClearText() {
    assertThat(problems(upstream("unix:///run/tempo.sock", ", protocol: h2")))
        .singleElement()
        .asString()
        .contains("protocol: h2 needs an https URL");
    assertThat(problems(upstream("unix:///run/tempo.sock", ", protocol: h2c"))).isEmpty();
    assertThat(problems(upstream("unix:///" + "a".repeat(120), ""))).hasSize(1);
  }

  // ---- built

  @ParameterizedTest
  @ValueSource(
      strings = {
        "authentication: {kubernetes: {localJwtCheck: false}}",
        "authentication: {kubernetes: {foreignTokens: refuse}}",
        "authentication: {kubernetes: {mode: local-only, audiences: [a]}}",
        "authentication: {oidc: [{issuer: 'https://a/b/', audiences: [b]}]}",
        "authentication: {oidc: [{issuer: 'http://127.0.0.1:1', audiences: [b]}]}",
        "authentication: {basicPassword: false}",
        "authorization: {watchRbac: false}",
        "authorization: {mapping: namespaced}",
        "log: {format: text, audit: none, access: false, level: error}",
        "log: {audit: all}",
        "admin: {console: null}",
        "admin: {console: '127.0.0.1:9'}",
        "forwarding: {stripAuthorization: false, forwardedHeaders: false, maxConnectionAge: 0s}",
        "limits: {defaults: {}, tenants: {}, tempoOverridesFile: null, store: {type: local}}",
      })
  void whatIsBuiltIsAccepted(String yaml) {
    assertThat(problems(TEMPO + yaml)).isEmpty();
  }

  @Test
  void aPathOfHealthChecksIsAPath() {
    assertThat(
            problems(
                TEMPO
                    + """
                    listeners:
                      query:
                        address: "127.0.0.1:0"
                        serves: [tempo-query]
                        upstream: query-frontend
                        health: {paths: [healthz, "/x?y", /, /ok]}
                    """))
        .hasSize(2)
        .allMatch(problem -> problem.contains("such as /healthz"));
  }
}
