package io.scopegate.gateway.route;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are proxied, and which paths may be. */
class ProxyTargetsTest {
  private static final String GRPC = "application/grpc";
  private static final EndpointTable ANY = table(PathRules.NONE);

  private static EndpointTable table(PathRules paths) {
    return EndpointTable.of(List.of(Set.of(), Set.of(Protocol.PROXY)), paths);
  }

  private static Endpoint endpoint(Routed routed) {
    assertThat(routed.route()).isEqualTo(1);
    return requireNonNull(routed.endpoint());
  }

  private static Refusal.Reason refused(Routed routed) {
    return requireNonNull(routed.refusal()).reason();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, get, READ",
    "POST, create, WRITE",
    "PUT, update, WRITE",
    "PATCH, patch, WRITE",
    "DELETE, delete, WRITE",
    "HEAD, *, READ",
    "BREW, *, READ"
  })
  void theMethodIsTheVerb(String method, String verb, Operation operation) {
    Endpoint found = endpoint(ANY.route(method, "/any/path?q=1", null));

    assertThat(found.name()).isEqualTo("proxy");
    assertThat(found.verb()).isEqualTo(verb);
    assertThat(found.operation()).isEqualTo(operation);
    assertThat(found.isProxied()).isTrue();
    assertThat(found.isAnyPath()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "CONNECT", "connect", "A B", "G\u00e9T"})
  void aMethodThatIsNoneIsRefused(String method) {
    assertThat(refused(ANY.route(method, "/any", null))).isEqualTo(Refusal.Reason.MALFORMED);
  }

  @Test
  void anExportIsIngestWhateverItsQuery() {
    assertThat(endpoint(ANY.route("POST", "/v1/traces?x", "application/json")).ingest()).isTrue();
    assertThat(endpoint(ANY.route("PUT", "/v1/traces", null)).ingest()).isFalse();
    assertThat(endpoint(ANY.route("POST", "/v1/trace", null)).ingest()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export, create, WRITE",
    "/tempopb.StreamingQuerier/Search, get, READ",
    "/a.B/C, create, WRITE"
  })
  void aCallThatIsKnownToReadIsGet(String method, String verb, Operation operation) {
    Routed routed = ANY.route("POST", method, GRPC);

    assertThat(routed.dialect()).isEqualTo(Dialect.GRPC);
    assertThat(endpoint(routed).verb()).isEqualTo(verb);
    assertThat(endpoint(routed).operation()).isEqualTo(operation);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/ab, proxy",
    "/api/a%62?x, proxy",
    "/api/open, ignored",
    "/api/op%65n, ignored",
    "/api/a/b, ",
    "/other, "
  })
  void rulesAreForTheDecodedPath(String target, String name) {
    EndpointTable rules = table(PathRules.of(List.of("/x", "/api/*"), List.of("/api/open")));

    Routed routed = rules.route("GET", target, null);

    if (name == null) {
      assertThat(refused(routed)).isEqualTo(Refusal.Reason.NOT_FOUND);
      assertThat(routed.dialect()).isEqualTo(Dialect.PROBLEM);
    } else {
      assertThat(endpoint(routed).name()).isEqualTo(name);
    }
  }

  @Test
  void rulesAreForCallsToo() {
    EndpointTable rules = table(PathRules.of(List.of("/a.B/*"), List.of("/a.B/Open")));

    assertThat(endpoint(rules.route("POST", "/a.B/C", GRPC)).isProxied()).isTrue();
    Routed ignored = rules.route("POST", "/a.B/Open", GRPC);
    assertThat(endpoint(ignored).operation()).isEqualTo(Operation.PUBLIC);
    assertThat(endpoint(ignored).grpc()).isTrue();
    Routed other = rules.route("POST", "/c.D/E", GRPC);
    assertThat(refused(other)).isEqualTo(Refusal.Reason.NOT_FOUND);
    assertThat(other.dialect()).isEqualTo(Dialect.GRPC);
  }

  @Test
  void withoutAllowedPathsAllAreAllowed() {
    EndpointTable rules = table(PathRules.of(List.of(), List.of("/open")));

    assertThat(endpoint(rules.route("GET", "/any", null)).isProxied()).isTrue();
    Endpoint open = endpoint(rules.route("GET", "/open", null));
    assertThat(open.isProxied()).isFalse();
    assertThat(open.isAnyPath()).isTrue();
    assertThat(open.grpc()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"/a%20b?x=%41, /a b", "/a+b, /a+b", "/a+b%2B%20?, '/a+b+ '", "/, /"})
  void aPathIsDecodedOnceAndItsQueryIsNot(String target, String path) {
    assertThat(DecodedPath.of(target)).isEqualTo(path);
  }
}
