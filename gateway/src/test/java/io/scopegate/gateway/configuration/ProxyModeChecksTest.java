package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.TestFiles;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProxyModeChecksTest {
  private static final String UPSTREAMS = "upstreams: {up: {url: \"http://a\"}}\n";
  private static final String LISTENER = "{address: \"h:1\", serves: [proxy], upstream: up%s}";

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "'' ! authorization.mapping: tempo-operator is for tenants, and serves: [proxy] has none",
        "{rewrites: {header: a}, mapping: non-resource} ! authorization.rewrites: rewrites need serves: [proxy] and mapping: custom",
        "{mapping: custom, rewrites: {}, resourceAttributes: {resource: a}} ! rewrites: neither header nor query",
        "{mapping: custom, resourceAttributes: {resource: '{tenant}'}} ! {value} or {user}",
        "{mapping: non-resource, static: [{user: a, tenants: [b], operations: [read]}]}"
            + " ! authorization.static[0]: has tenants and operations, but",
        "{mapping: non-resource, static: [{user: a, tenants: [b], review: {}}]}"
            + " ! review together with tenants or operations",
        "{mapping: custom, rewrites: {header: 'a b'}, resourceAttributes: {resource: a}}"
            + " ! rewrites.header: a b"
      })
  void whatDoesNotFitProxiedRequestsIsSaid(String authorization, String problem) {
    String yaml =
        UPSTREAMS
            + "listeners: {a: "
            + LISTENER.formatted("")
            + "}\n"
            + (authorization.isEmpty() ? "" : "authorization: " + authorization);
    assertSaid(yaml, problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        ", allowPaths: [/a], ignorePaths: [/b] ! ignorePaths: given together with allowPaths",
        ", ignorePaths: ['/[a'] ! listeners.a.ignorePaths[0]: /[a (expected: a pattern",
        ", tls: {mode: required, selfSigned: true, certificateFile: /x} ! selfSigned: true cannot be combined with certificates",
        ", tls: {mode: required, selfSigned: true, cipherSuites: [X]} ! cipherSuites[0]: X"
      })
  void whatDoesNotFitItsListenerIsSaid(String more, String problem) {
    assertSaid(
        UPSTREAMS
            + "listeners: {a: "
            + LISTENER.formatted(more)
            + "}\nauthorization: {mapping: non-resource}",
        problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "{address: 'h:2', serves: [generic-read], upstream: up} ! listeners.b.serves: [generic-read] cannot be combined with",
        "{address: 'h:2', serves: [proxy, health], upstream: up} ! serves: health together with others",
        "{address: 'h:2', serves: [health], upstream: up} ! upstream: given, but serves: [health] forwards nothing",
        "{address: 'h:2', serves: [proxy, otlp-http], upstream: up} ! proxy alone on its listener",
        "{address: 'h:2', serves: [health], ignorePaths: [/a]} ! patterns need serves: [proxy]"
      })
  void whatDoesNotFitBesideAProxyIsSaid(String other, String problem) {
    assertSaid(
        UPSTREAMS
            + "listeners: {a: "
            + LISTENER.formatted("")
            + ", b: "
            + other
            + "}\nauthorization: {mapping: non-resource}",
        problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "authorization: {mapping: non-resource} ! non-resource needs a listener with serves: [proxy]",
        "tenancy: {forwardUnreviewed: true} ! tenancy.forwardUnreviewed: true needs a listener",
        "authorization: {static: [{user: a, review: {verb: get}}]} ! static[0].review: review needs a listener",
        "forwarding: {identityHeaders: {user: Authorization}} ! identityHeaders.user: Authoriz",
        "forwarding: {identityHeaders: {user: X-Scope-OrgID}} ! identityHeaders.user: X-Scope",
        "forwarding: {identityHeaders: {user: a, groups: A}} ! identityHeaders.groups: A",
        "forwarding: {identityHeaders: {separator: ''}} ! identityHeaders.separator:",
        "authentication: {kubernetes: {mode: rights-only}} ! kubernetes.mode: rights-only leaves no way"
      })
  void whatIsOfNoUseWithoutAProxyIsSaid(String yaml, String problem) {
    assertSaid("tempo: {distributor: d, queryFrontend: q}\n" + yaml, problem);
  }

  private void assertSaid(String yaml, String problem) {
    assertThat(TestFiles.problems(TestFiles.load(directory, yaml)))
        .anySatisfy(said -> assertThat(said).contains(problem));
  }
}
