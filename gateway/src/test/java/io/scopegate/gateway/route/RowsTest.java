package io.scopegate.gateway.route;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.scopegate.gateway.meter.BodyFormat;
import io.scopegate.gateway.meter.RangePlace;
import io.scopegate.gateway.meter.SizePlace;
import io.scopegate.gateway.route.Traffic.Kind;
import io.scopegate.testkit.tempo.proto.QueryInstantRequest;
import io.scopegate.testkit.tempo.proto.QueryRangeRequest;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.scopegate.testkit.tempo.proto.SearchTagValuesRequest;
import io.scopegate.testkit.tempo.proto.SearchTagsRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a row says of itself, held against what limits have to know. */
class RowsTest {
  private static final List<String> OTHER_TYPES =
      List.of(
          "application/json",
          "application/x-protobuf",
          "application/x-thrift",
          "application/vnd.apache.thrift.binary",
          "application/grpc",
          "application/grpc-web",
          "application/octet-stream",
          "application/jsonl",
          "text/plain",
          "");

  /** Descriptors that Tempo's own protocol files give for the messages of its methods. */
  private static final Map<String, List<FieldDescriptor>> RANGES =
      Map.of(
          "Search", range(SearchRequest.getDescriptor()),
          "SearchTags", range(SearchTagsRequest.getDescriptor()),
          "SearchTagsV2", range(SearchTagsRequest.getDescriptor()),
          "SearchTagValues", range(SearchTagValuesRequest.getDescriptor()),
          "SearchTagValuesV2", range(SearchTagValuesRequest.getDescriptor()),
          "MetricsQueryRange", range(QueryRangeRequest.getDescriptor()),
          "MetricsQueryInstant", range(QueryInstantRequest.getDescriptor()));

  private static List<FieldDescriptor> range(com.google.protobuf.Descriptors.Descriptor message) {
    return List.of(message.findFieldByName("start"), message.findFieldByName("end"));
  }

  static Stream<Row> rows() {
    return Rows.ALL.stream();
  }

  private static EndpointTable table() {
    Set<Protocol> all = EnumSet.allOf(Protocol.class);
    all.removeAll(
        Set.of(Protocol.PROXY, Protocol.HEALTH, Protocol.GENERIC_READ, Protocol.GENERIC_WRITE));
    return EndpointTable.of(List.of(all));
  }

  private static String target(Row row) {
    return row.pattern().replace("{traceID}", "1f").replace("{tag}", "name");
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyIngestRowCountsSpansOfEveryTypeItTakes(Row row) {
    if (row.endpoint().operation() != Operation.WRITE) {
      assertThat(row.endpoint().traffic().stores()).isFalse();
      return;
    }
    assertThat(row.endpoint().traffic().kind()).isEqualTo(Kind.INGEST);
    assertThat(row.content().types()).isNotEmpty();
    for (String own : row.content().types()) {
      assertThat(taken(row, own)).as(own).isTrue();
    }
    List<String> types = new ArrayList<>(OTHER_TYPES);
    types.addAll(row.content().types());
    for (String type : types) {
      for (String written :
          Arrays.asList(type, type.toUpperCase(Locale.ROOT), type + "; a=b", type + "x", null)) {
        taken(row, written);
      }
    }
  }

  /** Whether a type is taken; then its spans must be counted. */
  private static boolean taken(Row row, String contentType) {
    Routed routed = table().route("POST", target(row), contentType);
    if (routed.endpoint() == null) {
      return false;
    }
    assertThat(routed.endpoint()).isEqualTo(row.endpoint());
    assertThat(routed.body().hasSpans()).as("%s of %s", contentType, row).isTrue();
    return true;
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyQuerierRowSaysWhereItsRangeIs(Row row) {
    RangePlace range = row.endpoint().traffic().range();
    boolean reads = row.endpoint().traffic().fits(Operation.READ);
    if (!reads) {
      assertThat(range).isEqualTo(RangePlace.NOWHERE);
    } else if (!row.endpoint().grpc()) {
      assertThat(range).isEqualTo(RangePlace.QUERY_STRING);
    } else {
      String method = row.pattern().substring(row.pattern().lastIndexOf('/') + 1);
      List<FieldDescriptor> fields = requireNonNull(RANGES.get(method), method);
      assertThat(range.form()).isEqualTo(RangePlace.Form.MESSAGE);
      assertThat(range.start()).isEqualTo(fields.get(0).getNumber());
      assertThat(range.end()).isEqualTo(fields.get(1).getNumber());
      assertThat(range.nanos())
          .isEqualTo(fields.get(0).getJavaType() == FieldDescriptor.JavaType.LONG);
    }
  }

  /** The numbers are those of Tempo's messages, of which the stand-in has only a part. */
  @Test
  void everyQuerierCallSaysHowMuchItMayAskFor() {
    Map<String, SizePlace> sizes = new HashMap<>();
    rows()
        .filter(row -> row.endpoint().grpc() && row.endpoint().traffic().fits(Operation.READ))
        .forEach(row ->
            sizes.put(
                row.pattern().substring(row.pattern().lastIndexOf('/') + 1),
                row.endpoint().traffic().size()));
    assertThat(sizes)
        .containsOnly(
            Map.entry(
                "Search",
                SizePlace.search(
                    SearchRequest.LIMIT_FIELD_NUMBER, SearchRequest.SPANSPERSPANSET_FIELD_NUMBER)),
            Map.entry("SearchTags", SizePlace.results(5)),
            Map.entry("SearchTagsV2", SizePlace.results(5)),
            Map.entry("SearchTagValues", SizePlace.results(6)),
            Map.entry("SearchTagValuesV2", SizePlace.results(6)),
            Map.entry("MetricsQueryRange", SizePlace.exemplars(16)),
            Map.entry("MetricsQueryInstant", SizePlace.NOWHERE));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyCallThatReadsIsAStream(Row row) {
    if (row.endpoint().grpc() && row.endpoint().operation() == Operation.READ) {
      assertThat(row.endpoint().traffic().kind()).isEqualTo(Kind.STREAM);
    }
    assertThat(row.endpoint().traffic().kind() == Kind.NONE)
        .isEqualTo(row.endpoint().operation() == Operation.OPEN);
  }

  @Test
  void anEndpointIsChargedAsWhatItIs() {
    for (Operation operation : Operation.values()) {
      for (Traffic traffic :
          List.of(Traffic.INGEST, Traffic.WRITE, Traffic.QUERY, Traffic.EVENTS, Traffic.NONE)) {
        if (!traffic.fits(operation)) {
          assertThatIllegalArgumentException()
              .isThrownBy(() -> new Endpoint("a", false, operation, traffic));
        }
      }
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Endpoint("a", false, Operation.WRITE, Traffic.NONE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Endpoint("a", false, Operation.READ, Traffic.NONE));
  }

  @ParameterizedTest
  @CsvSource({
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export, application/grpc, OTLP_PROTOBUF",
    "/jaeger.api_v2.CollectorService/PostSpans, application/grpc, JAEGER_PROTOBUF",
    "/opencensus.proto.agent.trace.v1.TraceService/Export, application/grpc, OPENCENSUS",
    "/v1/traces, application/x-protobuf, OTLP_PROTOBUF",
    "/v1/traces, Application/JSON; charset=utf-8, OTLP_JSON",
    "/v1/traces, application/jsonl, ",
    "/v1/traces, , ",
    "/api/traces, application/x-thrift, JAEGER_THRIFT",
    "/api/traces, application/json, ",
    "/api/v2/spans, , ZIPKIN_JSON",
    "/api/v2/spans, application/x-protobuf, ZIPKIN_PROTOBUF",
    "/api/v2/spans, application/x-protobuf; a=b, ",
    "/spans, application/json, ZIPKIN_JSON",
    "/api/v1/spans, application/x-thrift, ZIPKIN_THRIFT",
    "/api/v1/spans, application/x-protobuf, ",
    "/api/v2/traces/diff, application/json, OTHER",
  })
  void aContentTypeSaysWhatABodyHolds(String target, String contentType, BodyFormat format) {
    Routed routed = table().route("POST", target, contentType);

    assertThat(routed.endpoint() == null ? null : routed.body()).isEqualTo(format);
  }

  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"GENERIC_READ", "GENERIC_WRITE", "PROXY", "HEALTH"},
      mode = EnumSource.Mode.EXCLUDE)
  void aProtocolSaysWhichOfItsRowsAreCalls(Protocol protocol) {
    List<Boolean> grpc =
        rows().filter(row -> row.protocol() == protocol).map(row -> row.endpoint().grpc()).toList();

    assertThat(grpc).isNotEmpty();
    assertThat(protocol.hasCalls()).isEqualTo(grpc.contains(true));
    assertThat(protocol.hasOnlyCalls()).isEqualTo(!grpc.contains(false));
  }

  @Test
  void aTypeThatRoutingDoesNotKnowCannotBeTaken() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Content.of("text/plain", BodyFormat.OTLP_JSON));
  }

  @Test
  void whatIsProxiedIsCountedAsItsRowIs() {
    EndpointTable proxy = EndpointTable.of(List.of(Set.of(Protocol.PROXY)));
    for (Row row : Rows.ALL) {
      if (row.endpoint().grpc()) {
        Routed proxied = proxy.route("POST", row.pattern(), "application/grpc");
        assertThat(proxied.served().traffic()).isEqualTo(row.endpoint().traffic());
        assertThat(proxied.body())
            .isEqualTo(table().route("POST", row.pattern(), "application/grpc").body());
      }
    }
    assertThat(proxy.route("POST", "/v1/traces", "application/json").body())
        .isEqualTo(BodyFormat.OTLP_JSON);
    assertThat(proxy.route("POST", "/v1/traces", "text/plain").body())
        .isEqualTo(BodyFormat.OTLP_PROTOBUF);
  }

  @Test
  void theUsualTypeOfARowIsTaken() {
    EndpointTable table = table();
    for (Row row : Rows.ALL) {
      if (!row.endpoint().grpc()) {
        for (String method : row.methods()) {
          String usual = table.usualContentType(method, target(row));
          assertThat(table.route(method, target(row), usual).endpoint()).isEqualTo(row.endpoint());
        }
      }
    }
    assertThat(table.usualContentType("GET", "/v1/traces")).isNull();
    assertThat(table.usualContentType("POST", "/nowhere")).isNull();
    assertThat(table.usualContentType("POST", "/a//b")).isNull();
  }
}
