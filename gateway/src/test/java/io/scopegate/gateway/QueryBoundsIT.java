package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What one query may ask for. Nothing is used up, so that all share a gateway. */
final class QueryBoundsIT {
  private static final String SEARCH = "/tempopb.StreamingQuerier/Search";

  private static TempoStandIn tempo;
  private static GatewayHarness harness;

  @BeforeAll
  static void start() {
    tempo = TempoStandIn.start();
    harness =
        GatewayHarness.start(
            """
            upstreams:
              query: {url: "http://127.0.0.1:%d", protocol: auto}
            listeners:
              query: {address: "127.0.0.1:0", serves: [tempo-query], upstream: query}
            limits:
              defaults:
                {maxQueryRange: 1h, maxResults: 100, maxSpansPerSpanSet: 20, maxExemplars: 5}
            """
                .formatted(tempo.queryPort()));
  }

  @AfterAll
  static void stop() {
    harness.close();
    tempo.close();
  }

  @ParameterizedTest
  @CsvSource({
    "start=1700000000&end=1700003600, 200",
    "start=1700000000&end=1700003601, 400",
    "start=nonsense, 400",
    "q=%7B%7D, 200"
  })
  void aQueryOverTooLongATime(String query, int status) throws IOException {
    try (Wire client = Wire.connect(harness.port("query"))) {
      client.write(harness.http1("GET", "/api/search?" + query));

      assertThat(client.readHead().status()).isEqualTo(status);
    }
  }

  @ParameterizedTest
  @CsvSource({"3600, 0", "3601, 3"})
  void aStreamedQueryOverTooLongATime(int seconds, String status) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("query"))) {
      byte[] query =
          Spans.message(
              false,
              SearchRequest.newBuilder()
                  .setStart(1_700_000_000)
                  .setEnd(1_700_000_000 + seconds)
                  .build()
                  .toByteArray());
      int stream = client.request(harness.grpc(SEARCH), false);
      client.data(stream, Arrays.copyOf(query, 7), false);
      client.roundTrip();
      client.data(stream, Arrays.copyOfRange(query, 7, query.length), true);

      assertThat(client.message(stream).grpcStatus()).isEqualTo(status);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "limit=100, 200",
    "limit=101, 400",
    "limit=%2B101, 400",
    "limit=1&limit=101, 400",
    "%6cimit=%3101, 400",
    "spss=20, 200",
    "spss=21, 400",
    "spss=0, 400",
    "exemplars=6, 400",
    "limit=many, 400",
    "q=%7B%7D, 200"
  })
  void aQueryThatAsksForTooMuch(String query, int status) throws IOException {
    try (Wire client = Wire.connect(harness.port("query"))) {
      client.write(harness.http1("GET", "/api/search?" + query));

      assertThat(client.readHead().status()).isEqualTo(status);
    }
  }

  @ParameterizedTest
  @CsvSource({"100, 20, 0", "101, 0, 3", "0, 21, 3", "-1, 0, 3", "0, 0, 0"})
  void aStreamedQueryThatAsksForTooMuch(int results, int spans, String status) throws IOException {
    SearchRequest search =
        SearchRequest.newBuilder().setLimit(results).setSpansPerSpanSet(spans).build();
    try (H2Wire client = H2Wire.connect(harness.port("query"))) {
      int stream = client.request(harness.grpc(SEARCH), false);
      client.data(stream, Spans.message(false, search.toByteArray()), true);

      assertThat(client.message(stream).grpcStatus()).isEqualTo(status);
    }
  }

  @Test
  void aQueryTooLongToBeHeldIsRefused() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("query"))) {
      int stream = client.request(harness.grpc(SEARCH), false);
      client.data(stream, Spans.message(false, new byte[65_531]), false);

      assertThat(client.message(stream).grpcStatus()).isEqualTo("3");
    }
  }
}
