package io.scopegate.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecentRouteTest {
  private static final AsciiString POST = AsciiString.of("POST");
  private static final AsciiString GET = AsciiString.of("GET");
  private static final AsciiString GRPC = AsciiString.of("application/grpc");
  private static final AsciiString EXPORT =
      AsciiString.of("/opentelemetry.proto.collector.trace.v1.TraceService/Export");

  private final EndpointTable table = EndpointTable.of(List.of(Set.of(Protocol.OTLP_GRPC)));
  private final RecentRoute recent = new RecentRoute(table);

  @Test
  void findsWhatTheTableFindsWhateverCameBefore() {
    for (int i = 0; i < 2; i++) {
      for (AsciiString method : List.of(POST, GET)) {
        for (AsciiString target : List.of(EXPORT, AsciiString.of("/api/search"))) {
          for (boolean http2 : new boolean[] {true, true, false}) {
            assertThat(recent.route(method, target, GRPC, http2))
                .isEqualTo(table.route(method, target, GRPC, http2));
            assertThat(recent.route(method, target, null, http2))
                .isEqualTo(table.route(method, target, null, http2));
          }
        }
      }
    }
  }

  /** A route with a tenant in its path is made again each time, so that one can tell. */
  @Test
  void givesBackTheSameOnlyForTheVerySameRequest() {
    RecentRoute queries =
        new RecentRoute(
            EndpointTable.of(List.of(Set.of(Protocol.TEMPO_QUERY)))
                .withTenantPaths(AsciiString.of("x-scope-orgid")));
    AsciiString target = AsciiString.of("/api/traces/v1/acme/tempo/api/search");
    Routed first = queries.route(GET, target, null, true);

    assertThat(queries.route(GET, target, null, true)).isSameAs(first);

    assertThat(queries.route(GET, target, null, false)).isNotSameAs(first);
    first = queries.route(GET, target, null, true);
    assertThat(queries.route(GET, target, GRPC, true)).isNotSameAs(first);
    first = queries.route(GET, target, null, true);
    assertThat(queries.route(AsciiString.of("HEAD"), target, null, true)).isNotSameAs(first);
    first = queries.route(GET, target, null, true);
    AsciiString other = AsciiString.of("/api/traces/v1/other/tempo/api/search");
    assertThat(queries.route(GET, other, null, true)).isNotSameAs(first);
  }
}
