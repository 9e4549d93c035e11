package io.scopegate.gateway.meter;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.scopegate.testkit.tempo.proto.MetadataMetrics;
import io.scopegate.testkit.tempo.proto.SearchMetrics;
import io.scopegate.testkit.tempo.proto.SearchResponse;
import io.scopegate.testkit.tempo.proto.SearchTagsResponse;
import io.scopegate.testkit.tempo.proto.TraceByIDMetrics;
import io.scopegate.testkit.tempo.proto.TraceSearchMetadata;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What queries cost, in answers as Tempo gives them, by the classes that its protocol file makes.
 */
class AnswerMeterTest {
  private static final String JSON = "application/json; charset=utf-8";
  private static final SearchResponse ANSWER =
      SearchResponse.newBuilder()
          .addTraces(
              TraceSearchMetadata.newBuilder()
                  .setTraceID("2f3e0cee77ae5dc9c17ade3689eb2e54")
                  .setRootServiceName("\"metrics\":{\"inspectedBytes\":\"1\"} \\ \" } ]")
                  .setRootTraceName("metrics"))
          .setMetrics(
              SearchMetrics.newBuilder()
                  .setInspectedTraces(7)
                  .setInspectedBytes(1L << 40)
                  .setCompletedJobs(3)
                  .setTotalJobs(4)
                  .setInspectedSpans(99))
          .build();

  private final MeterPool pool = new MeterPool();

  @AfterEach
  void close() {
    pool.close();
  }

  private AnswerMeter meter(boolean grpc, String contentType, String encoding) {
    AnswerMeter meter = new AnswerMeter(CostPlace.SEARCH, grpc, pool);
    meter.begin(contentType, encoding);
    return meter;
  }

  private QueryCost read(String contentType, String encoding, byte[] body, int pieces) {
    AnswerMeter meter = meter(false, contentType, encoding);
    add(meter, body, pieces);
    meter.close();
    return meter.cost();
  }

  private static void add(AnswerMeter meter, byte[] body, int piece) {
    for (int from = 0; from < body.length; from += piece) {
      ByteBuf next = Unpooled.wrappedBuffer(body, from, Math.min(piece, body.length - from));
      meter.add(next);
      assertThat(next.readableBytes()).isEqualTo(Math.min(piece, body.length - from));
    }
  }

  private static byte[] json(Message message) {
    try {
      return JsonFormat.printer().print(message).getBytes(StandardCharsets.UTF_8);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    }
    return bytes.toByteArray();
  }

  private static byte[] message(Message message) {
    byte[] body = message.toByteArray();
    ByteBuf framed = Unpooled.buffer().writeByte(0).writeInt(body.length).writeBytes(body);
    byte[] bytes = new byte[framed.readableBytes()];
    framed.readBytes(bytes);
    return bytes;
  }

  private static void isThatOfTheAnswer(QueryCost cost) {
    assertThat(cost.isKnown()).isTrue();
    assertThat(cost.of(QueryFigure.INSPECTED_BYTES)).isEqualTo(1L << 40);
    assertThat(cost.of(QueryFigure.INSPECTED_TRACES)).isEqualTo(7);
    assertThat(cost.of(QueryFigure.INSPECTED_SPANS)).isEqualTo(99);
    assertThat(cost.of(QueryFigure.JOBS)).isEqualTo(3);
    assertThat(cost.of(QueryFigure.BLOCKS)).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 17, 1 << 20})
  void readsJsonAndProtobufPlainAndCompressedInAnyPieces(int piece) throws IOException {
    byte[] json = json(ANSWER);
    byte[] protobuf = ANSWER.toByteArray();

    isThatOfTheAnswer(read(JSON, null, json, piece));
    isThatOfTheAnswer(read(JSON, "gzip", gzip(json), piece));
    isThatOfTheAnswer(read("application/protobuf", null, protobuf, piece));
    isThatOfTheAnswer(read("application/protobuf", "gzip", gzip(protobuf), piece));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 1 << 20})
  void theMessagesOfAStreamCarryRunningTotals(int piece) {
    SearchMetrics half =
        SearchMetrics.newBuilder().setInspectedBytes(5).setCompletedJobs(2).build();
    AnswerMeter meter = meter(true, "application/grpc", null);

    add(meter, message(SearchResponse.newBuilder().setMetrics(half).build()), piece);
    assertThat(meter.cost().of(QueryFigure.INSPECTED_BYTES)).isEqualTo(5);
    add(meter, message(ANSWER), piece);
    add(meter, message(ANSWER), piece); // the second part of a message that was split
    add(meter, message(SearchResponse.getDefaultInstance()), piece);

    isThatOfTheAnswer(meter.cost());
  }

  @Test
  void everyFigureIsReadByItsName() {
    for (QueryFigure figure : QueryFigure.values()) {
      String word = figure.label().equals("jobs") ? "completedJobs" : camel(figure.label());
      byte[] body = ("{\"metrics\":{\"" + word + "\":\"17\"}}").getBytes(StandardCharsets.UTF_8);

      assertThat(read(JSON, null, body, 3).of(figure)).as(word).isEqualTo(17);
    }
  }

  private static String camel(String label) {
    if (label.startsWith("block")) {
      return label.equals("blocks") ? "totalBlocks" : "totalBlockBytes";
    }
    int at = label.indexOf('_');
    return label.substring(0, at)
        + Character.toUpperCase(label.charAt(at + 1))
        + label.substring(at + 2);
  }

  @Test
  void metricsThatSayNothingAreKnown() {
    SearchResponse none =
        SearchResponse.newBuilder().setMetrics(SearchMetrics.getDefaultInstance()).build();

    assertThat(read(JSON, null, json(none), 1).isKnown()).isTrue();
    assertThat(read("application/protobuf", null, none.toByteArray(), 1).isKnown()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"metrics\":{\"inspectedBytes\":\"12\"}}|12",
        "{ \"metrics\" : { \"inspectedBytes\" : 12 , \"a\" : 3 } }|12",
        "{\"a\":{\"metrics\":{\"inspectedBytes\":5}},\"metrics\":{\"inspectedBytes\":12}}|12",
        "{\"metrics\":{\"additionalMetrics\":{\"inspectedBytes\":5},\"inspectedBytes\":12}}|12",
        "{\"metrics\":{\"x\":[{\"inspectedBytes\":5}],\"inspectedBytes\":12}}|12",
        "{\"metrics\":{\"inspectedBytes\":12},\"inspectedBytes\":99,\"b\":{\"inspectedBytes\":9}}|12",
        "{\"metrics\":{\"inspectedBytes\":-12}}|0",
        "{\"metrics\":{\"inspectedBytes\":1.5}}|0",
        "{\"metrics\":{\"inspectedBytes\":\"99999999999999999999\"}}|0",
        "{\"metrics\":[{\"inspectedBytes\":5}]}|0",
        "{\"metrics\":7,\"a\":{\"inspectedBytes\":5}}|0",
        "[{\"metrics\":{\"inspectedBytes\":5}}]|0",
        "{\"metricsOfMine\":{\"inspectedBytes\":5}}|0",
        "}}}]{\"metrics\":{\"inspectedBytes\":|0",
        "{\"metrics\":{\"inspectedBytes\":12},\"status\":\"PARTIAL\",\"message\":\"a}b\\\\\"}|12",
        "{\"metrics\":{\"inspectedBytes\":12},\"message\":\",\\\"metrics\\\":{}}\"}|12",
        "{\"a\":{\"metrics\":{\"inspectedBytes\":12}}}|0",
        "{\"a\":[{\"metrics\":{\"inspectedBytes\":12}}]}|0",
        "{\"metrics\":{\"inspectedBytes\":12}}}|0",
        "{\"metrics\":{\"inspectedBytes\":12}|0",
        "{\"metrics\":{\"inspectedBytes\":12},\"x\":{\"metrics\":{\"inspectedBytes\":9}}}|12",
      })
  void onlyTheOutermostMetricsCount(String json, long bytes) {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);

    assertThat(read(JSON, null, body, 1).of(QueryFigure.INSPECTED_BYTES)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 2_047, 2_048, 2_049, 8_192})
  void theEndOfALongAnswerIsFoundInAnyPieces(int piece) throws IOException {
    SearchResponse.Builder many = ANSWER.toBuilder();
    for (int i = 0; i < 100; i++) {
      many.addTraces(ANSWER.getTraces(0));
    }
    byte[] body = json(many.build());

    isThatOfTheAnswer(read(JSON, null, body, piece));
    isThatOfTheAnswer(read(JSON, "gzip", gzip(body), piece));
  }

  @Test
  void metricsThatAreNotAtTheEndAreNotKnown() {
    String message = "x".repeat(JsonTail.KEPT_BYTES);
    byte[] body =
        ("{\"metrics\":{\"inspectedBytes\":12},\"message\":\"" + message + "\"}")
            .getBytes(StandardCharsets.UTF_8);

    assertThat(read(JSON, null, body, 100).isKnown()).isFalse();
  }

  @Test
  void whatCannotBeReadIsNotKnown() throws IOException {
    assertThat(read(JSON, "br", json(ANSWER), 9).isKnown()).isFalse();
    assertThat(read("text/plain", null, json(ANSWER), 9).isKnown()).isFalse();
    assertThat(read(null, null, json(ANSWER), 9).isKnown()).isFalse();
    assertThat(read(JSON, "gzip", json(ANSWER), 9).isKnown()).isFalse();
    AnswerMeter neverBegun = new AnswerMeter(CostPlace.SEARCH, false, pool);
    neverBegun.add(Unpooled.wrappedBuffer(json(ANSWER)));
    assertThat(neverBegun.cost()).isNull();
  }

  @Test
  void aBombIsDecodedUpToTheBoundAndItsMemoryIsGivenBack() throws IOException {
    byte[] bomb = gzip(new byte[(int) Measure.MOST_DECODED_BYTES + 1_000]);
    AnswerMeter meter = meter(false, JSON, "gzip");

    add(meter, bomb, 4_096);

    assertThat(meter.memoryBytes()).isZero();
    assertThat(meter.cost().isKnown()).isFalse();
  }

  @Property(tries = 5_000, seed = "20261129")
  void anyBytesAreReadWithoutHarm(
      @ForAll byte[] bytes, @ForAll @IntRange(min = 1, max = 40) int piece) {
    for (boolean grpc : new boolean[] {false, true}) {
      for (String type : new String[] {JSON, "application/protobuf"}) {
        AnswerMeter whole = meter(grpc, type, null);
        AnswerMeter split = meter(grpc, type, null);
        whole.add(Unpooled.wrappedBuffer(bytes));
        add(split, bytes, piece);
        whole.close();
        split.close();

        for (QueryFigure figure : QueryFigure.values()) {
          assertThat(split.cost().of(figure)).isEqualTo(whole.cost().of(figure));
        }
      }
    }
  }

  // ---- the numbers of fields

  private static final Map<CostPlace, Descriptor> MESSAGES =
      Map.of(
          CostPlace.SEARCH, SearchMetrics.getDescriptor(),
          CostPlace.METADATA, MetadataMetrics.getDescriptor(),
          CostPlace.TRACE, TraceByIDMetrics.getDescriptor());

  @Test
  void fieldsAreThoseOfTheProtocolFile() {
    assertThat(SearchResponse.getDescriptor().findFieldByName("metrics").getNumber())
        .isEqualTo(CostPlace.FIELD);
    assertThat(SearchTagsResponse.getDescriptor().findFieldByName("metrics").getNumber())
        .isEqualTo(CostPlace.FIELD);
    MESSAGES.forEach((place, message) -> {
      for (FieldDescriptor field : message.getFields()) {
        byte[] name = field.getJsonName().getBytes(StandardCharsets.US_ASCII);
        assertThat(place.figure(field.getNumber()))
            .as(field.getFullName())
            .isEqualTo(QueryFigure.named(name, 0, name.length));
      }
    });
  }
}
