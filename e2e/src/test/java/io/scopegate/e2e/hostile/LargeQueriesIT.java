package io.scopegate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.KeptAlive;
import io.scopegate.e2e.Rpc;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.vertx.grpc.common.GrpcStatus;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queries that ask Tempo for more than its memory holds, where the tenant has a cap. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LargeQueriesIT {
  private static final String CAPS =
      "limits: {defaults: {maxResults: 1000, maxSpansPerSpanSet: 1000, maxExemplars: 100}}";

  @AutoClose private Surroundings around;
  @AutoClose private Target target;

  @BeforeAll
  void start() {
    around = new Surroundings();
    target = Target.start(around, Map.of("MORE", CAPS));
  }

  @DisplayName("CVE-2026-21728, CVE-2026-27878: more than the cap is refused")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/search?limit=1000000000",
        "/api/search?limit=1001",
        "/api/search?limit=10&limit=1000000000",
        "/api/search?%6Cimit=1000000000",
        "/api/search?limit=%31000000000",
        "/api/search?spss=1000000000",
        "/api/v2/search/tag/a/values?limit=1000000000",
        "/api/search/tags?limit=1000000000",
        "/api/metrics/query_range?q=%7B%7D%7Crate()&exemplars=1000000000",
        "/api/metrics/query_range?q=%7B%7D%7Crate()&exemplars=101"
      })
  void moreThanTheCapIsRefused(String path) throws Exception {
    assertThat(status(path)).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/search?limit=1000", "/api/search", "/api/search?spss=10&limit=20"})
  void whatTheCapAllowsPasses(String path) throws Exception {
    assertThat(status(path)).isEqualTo(200);
  }

  @DisplayName("CVE-2026-21728: more than the cap in a message is refused")
  @Test
  void moreThanTheCapInMessageIsRefused() throws Exception {
    assertThat(status(SearchRequest.newBuilder().setLimit(1_000_000_000).build()))
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(status(SearchRequest.newBuilder().setSpansPerSpanSet(1_000_000_000).build()))
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(status(SearchRequest.newBuilder().setLimit(1_000).build())).isEqualTo(GrpcStatus.OK);
  }

  private int status(String path) throws Exception {
    try (KeptAlive client = KeptAlive.connect(target.port(Listener.QUERY))) {
      return client.status(
          KeptAlive.get(
              path,
              "Authorization: Bearer %s\r\nX-Scope-OrgID: %s\r\n"
                  .formatted(around.honestToken(), Surroundings.HONEST)));
    }
  }

  private GrpcStatus status(SearchRequest request) throws Exception {
    try (Rpc rpc = new Rpc(around.ca())) {
      return rpc.start(
              target.port(Listener.QUERY),
              "tempopb.StreamingQuerier/Search",
              request,
              "authorization",
              "Bearer " + around.honestToken(),
              "x-scope-orgid",
              Surroundings.HONEST)
          .toCompletionStage()
          .toCompletableFuture()
          .get(10, TimeUnit.SECONDS)
          .status();
    }
  }
}
