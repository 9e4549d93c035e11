package io.scopegate.gateway.route;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.answer.Dialect;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Health checks of a listener that serves Tempo's queries. */
class HealthChecksTest {
  private static final String CHECK = "/grpc.health.v1.Health/Check";
  private static final EndpointTable QUERIES =
      EndpointTable.of(List.of(Set.of(Protocol.TEMPO_QUERY)));

  private static EndpointTable answering(boolean grpc, String... paths) {
    return QUERIES.withHealthChecks(new HealthChecks(grpc, List.of(paths)));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /, true",
    "HEAD, /, true",
    "GET, /ready?verbose=1, true",
    "POST, /, false",
    "get, /, false",
    "GET, /readyz, false",
    "GET, /read, false",
    "GET, /api/search, false"
  })
  void answersGetAndHeadOfItsPaths(String method, String target, boolean answered) {
    Routed routed = answering(false, "/", "/ready").route(method, target, null);

    assertThat(routed.isAnsweredHere()).isEqualTo(answered);
    if (answered) {
      assertThat(requireNonNull(routed.endpoint()).name()).isEqualTo("health");
    }
  }

  @Test
  void answersTheCallOfGrpc() {
    Routed routed = answering(true).route("POST", CHECK, "application/grpc");

    assertThat(routed.isAnsweredHere()).isTrue();
    assertThat(routed.dialect()).isEqualTo(Dialect.GRPC);
    assertThat(requireNonNull(routed.endpoint()).name()).isEqualTo(CHECK.substring(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/grpc.health.v1.Health/Watch", "/a.B/C", CHECK + "?"})
  void answersNoOtherCall(String target) {
    assertThat(answering(true, target).route("POST", target, "application/grpc").endpoint())
        .isNull();
  }

  @Test
  void theCallIsGrpcOverHttp2() {
    EndpointTable table = answering(true, CHECK).withGrpcWeb();

    assertThat(table.route("POST", CHECK, "application/grpc", false).endpoint()).isNull();
    assertThat(table.route("POST", CHECK, "application/grpc-web", true).endpoint()).isNull();
  }

  @Test
  void whatIsNotOnIsNotAnswered() {
    assertThat(answering(false, "/").route("POST", CHECK, "application/grpc").endpoint()).isNull();
    assertThat(answering(true).route("GET", "/", null).endpoint()).isNull();
    assertThat(QUERIES.route("GET", "/", null).endpoint()).isNull();
  }
}
