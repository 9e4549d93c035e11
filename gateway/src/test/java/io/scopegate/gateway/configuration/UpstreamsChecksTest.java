package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong about {@code tempo} and {@code upstreams}. */
final class UpstreamsChecksTest extends CheckedConfig {
  private static String upstream(String url, String rest) {
    return "upstreams:\n  a: {url: \""
        + url
        + "\""
        + rest
        + "}\n"
        + "listeners: {l: {address: \"127.0.0.1:1\", serves: [generic-read], upstream: a}}\n";
  }

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

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{path: ready};path: ready is not a path (expected: a path like /ready)",
        "{path: '/a b'};path: /a b is not a path (expected: a path like /ready)",
        "{service: 'a b'};service: a b is not a service (expected: a name like tempopb.Querier)",
        "{type: grpc}, protocol: http1;type: grpc is of no use with protocol: http1, which has no"
            + " gRPC (expected: http)",
      })
  void aHealthCheckMustMakeSense(String given, String problem) {
    assertThat(problems(upstream("http://a:1", ", healthCheck: " + given)))
        .singleElement()
        .satisfies(p -> assertThat(p).endsWith(" upstreams.a.healthCheck." + problem));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{path: '/tempo/ready?x=1', port: 3200}, protocol: h2c",
        "{type: grpc, service: tempopb.Querier}",
        "{type: grpc, port: 9095}, protocol: http1",
        "{}, hedging: {after: 1s, percentile: 0}",
      })
  void aHealthCheckMayBeOfEitherKind(String given) {
    assertThat(problems(upstream("http://a:1", ", healthCheck: " + given))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{min: 50};initial: 40 is not between min and max (expected: 50 to 1000)",
        "{max: 20};initial: 40 is not between min and max (expected: 4 to 20)",
        "{max: 3};max: 3 is less than min (expected: 4 or more)",
      })
  void aBoundOfConcurrencyMustMakeSense(String given, String problem) {
    assertThat(problems(upstream("http://a:1", ", concurrency: " + given)))
        .singleElement()
        .satisfies(p -> assertThat(p).endsWith(" upstreams.a.concurrency." + problem));
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

  @Test
  void anUpstreamHasToExist() {
    assertProblem(
        listener("routes: [{serves: [otlp-http], upstream: nowhere}]"),
        "3:72 listeners.a.routes[0].upstream: nowhere (expected: one of distributor-otlp-grpc,"
            + " distributor-otlp-http, query-frontend)");
  }

  @Test
  void anUpstreamThatIsWrongItselfIsNotMissing() {
    assertThat(problems(upstream("nonsense", ""))).hasSize(1);
  }

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
        "service: 'tempo/query-frontend:http'",
        "service: 'tempo/query-frontend:3200'",
        "srv: _http._tcp.query-frontend.tempo.svc.cluster.local",
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
        "service: 'query:http' | upstreams.a.service: query:http (expected: namespace/name:port",
        "service: 'tempo/query' | upstreams.a.service: tempo/query (expected: namespace/name:port",
        "service: 'tempo/query:70000' | upstreams.a.service: tempo/query:70000 (expected: ",
        "service: 'T/q:http' | upstreams.a.service: T/q:http (expected: namespace/name:port",
        "service: 'a/b:c', endpoints: ['a:1'] | upstreams.a.service: cannot be given together with e",
        "srv: _http._tcp.a, service: 'a/b:c' | upstreams.a.srv: cannot be given together with serv",
        "srv: _http._tcp.a, grpcUrl: 'http://a:2' | cannot be given together with srv",
        "srv: 'a b' | upstreams.a.srv: a b (expected: a host name",
        "service: 'a/b:c', grpcUrl: 'http://a:2' | cannot be given together with service",
        "retries: {budget: 101} | upstreams.a.retries.budget: 101 (expected: 0 to 100)",
      })
  void whatIsWrongWithSeveralServersIsSaid(String keys, String problem) {
    assertThat(problems(upstream("http://a", ", " + keys)))
        .singleElement()
        .asString()
        .contains(problem.strip());
  }

  @Test
  void aServiceNeedsTheApiServerAndAName() {
    assertThat(problems(upstream("unix:///run/tempo.sock", ", service: 'a/b:c'")))
        .singleElement()
        .asString()
        .contains("upstreams.a.url: unix:///run/tempo.sock cannot be given together with service");
    String local =
        "authentication: {kubernetes: {mode: off}, staticTokens: /nowhere}\n"
            + "authorization: {static: {rules: [{users: ['*'], tenants: ['*'], access: [read]}]}}\n";
    assertThat(problems(upstream("http://a", ", service: 'a/b:c'") + local))
        .anySatisfy(problem ->
            assertThat(problem).contains("upstreams.a.service: a/b:c needs the API server, which"));
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
}
