package io.scopegate.gateway.http;

import static io.scopegate.gateway.http.FramePeer.head;
import static io.scopegate.gateway.http.RecordingHandler.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.exchange.PendingEnd;
import io.scopegate.gateway.exchange.RecordingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.route.EndpointTable;
import io.scopegate.gateway.route.Protocol;
import io.scopegate.gateway.route.Routed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Its clients speak HTTP/2, too: what they get shows what came. */
class Http2UpstreamConnectionTest implements Http2UpstreamConnection.Owner {
  private static final Routed EXPORT =
      EndpointTable.of(List.of(Set.of(Protocol.OTLP_GRPC)))
          .route(
              "POST",
              "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
              "application/grpc",
              true);
  private static final int MAX_CONCURRENT_STREAMS = 3;
  private static final int INTERNAL_ERROR = 2;
  private static final int REFUSED_STREAM = 7;

  private final EmbeddedChannel wire = new EmbeddedChannel();
  private final EmbeddedChannel clientWire = new EmbeddedChannel();
  private final RecordingHandler handler = new RecordingHandler(wire);
  private final FramePeer upstream = new FramePeer(wire);
  private final FramePeer client = new FramePeer(clientWire);
  private final List<String> told = new ArrayList<>();
  private @Nullable Routed forwarding;
  private int answers;
  private boolean resends;
  private final Http2UpstreamConnection connection =
      Http2UpstreamConnection.create(
          handler.loop, this, RecordingHandler.LIMITS, new UpstreamLife(60 * SECOND, 600 * SECOND));

  @Override
  public void ready(Http2UpstreamConnection c) {
    told.add("ready");
  }

  @Override
  public void roomFor(Http2UpstreamConnection c) {
    told.add("room");
  }

  @Override
  public void reset(Http2UpstreamConnection c, @Nullable TenantMemoryShare tenant) {
    told.add("reset");
  }

  @Override
  public void swept() {}

  @Override
  public void gone(Http2UpstreamConnection c) {
    told.add("gone");
  }

  @Override
  public void aged(Http2UpstreamConnection c) {
    told.add("aged");
  }

  @Override
  public void sent() {}

  @Override
  public void answered() {
    answers++;
  }

  @Override
  public void failed(Failure why) {
    told.add("failed " + why);
  }

  @Override
  public boolean mayResend(StreamEnd end, Failure why) {
    return resends;
  }

  @Override
  public void resend(StreamEnd end, SentRequest request) {
    ByteBuf body = request.body();
    String text = body == null ? "" : " " + body.toString(StandardCharsets.US_ASCII);
    told.add("again " + request.head().path() + text + (request.end() ? " end" : ""));
    request.sendOver(elsewhere, end);
  }

  /** Where requests go that are sent again. */
  private final RecordingEnd elsewhere = new RecordingEnd(handler.loop);

  @BeforeEach
  void speakHttp2() {
    wire.pipeline().addLast(connection);
    upstream.skipPreface().settings(MAX_CONCURRENT_STREAMS, 2).ack();
    clientWire
        .pipeline()
        .addLast(
            Http2ServerConnection.create(
                handler.loop, handler, handler.http2, RecordingHandler.LIMITS));
    client.preface().settings().ack();
    upstream.received();
    client.received();
    handler.onRequest =
        u -> {
          StreamEnd end = u.exchange.client();
          Routed kind = forwarding;
          if (kind != null) {
            u.exchange.routed(kind, trailers -> {});
          }
          PendingEnd pending = new PendingEnd(handler.loop);
          pending.link(end);
          pending.head(u.head, u.end);
          pending.handOver(connection.newSide(null));
        };
  }

  @AfterEach
  void close() {
    RecordingHandler.lose(clientWire);
    RecordingHandler.lose(wire);
    clientWire.finishAndReleaseAll();
    wire.finishAndReleaseAll();
    handler.close();
    assertThat(handler.loop.exchanges()).isZero();
    assertThat(handler.loop.upstreams()).isZero();
  }

  private void forward(int id) {
    client.headers(id, head("GET", "/x"), true);
  }

  private List<String> toClient() {
    wire.runPendingTasks();
    return client.received();
  }

  private static Http2Headers ok() {
    return new DefaultHttp2Headers().status("200");
  }

  @Test
  void forwardsAndHandsTheAnswerBackWithItsTrailers() {
    forward(1);
    assertThat(upstream.received()).anyMatch(f -> f.startsWith("HEADERS 3 end :method=GET"));

    upstream.headers(3, ok(), false).data(3, "hello", false);
    upstream.headers(3, new DefaultHttp2Headers().add("grpc-status", "0"), true);
    assertThat(toClient())
        .containsExactly("HEADERS 1 :status=200", "DATA 1 hello", "HEADERS 1 end grpc-status=0");
    assertThat(told).containsExactly("ready", "room");
  }

  @Test
  void opensNoMoreStreamsThanItsPeerTakes() {
    forward(1);
    assertThat(connection.canOpen()).isTrue();
    forward(3);
    assertThat(connection.canOpen()).isFalse();

    upstream.headers(3, ok(), true);
    assertThat(connection.canOpen()).isTrue();
  }

  @Test
  void cancelsWhatTheClientGivesUp() {
    forward(1);
    upstream.received();
    client.reset(1, (int) StreamEnd.CANCEL);

    assertThat(upstream.received()).contains("RST 3 " + StreamEnd.CANCEL);
    assertThat(told).contains("reset");
  }

  @Test
  void bearsAsManyStreamsThatWereResetAsStreams() {
    forward(1); // of two
    assertThat(connection.canOpenBeside(2, 100)).isTrue();
    assertThat(connection.canOpenBeside(3, 100)).isFalse();
    assertThat(connection.canOpenBeside(2, 2)).isFalse();
  }

  @Test
  void passesOnAResetButTellsACollectorToTryAgain() {
    forward(1);
    upstream.reset(3, INTERNAL_ERROR);
    assertThat(toClient()).containsExactly("RST 1 " + INTERNAL_ERROR);

    forward(3);
    handler.last().exchange.routed(EXPORT, trailers -> {});
    upstream.reset(5, INTERNAL_ERROR);
    assertThat(toClient()).anyMatch(f -> f.contains("grpc-status=14"));
  }

  @Test
  void failsOnlyTheStreamsThatGoAwayLeavesOut() {
    forward(1);
    forward(3);
    upstream.goAway(3);

    assertThat(toClient()).hasSize(2).anyMatch(f -> f.startsWith("HEADERS 3 :status=503"));
    assertThat(connection.canOpen()).isFalse();
    assertThat(told).contains("gone");

    upstream.headers(3, ok(), true);
    assertThat(toClient()).containsExactly("HEADERS 1 end :status=200");
    wire.runPendingTasks();
    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void failsWhatRunsWhenTheConnectionIsLost() {
    forward(1);
    RecordingHandler.lose(wire);

    assertThat(toClient()).anyMatch(f -> f.startsWith("HEADERS 1 :status=503"));
    assertThat(told).containsExactly("ready", "gone", "failed LOST");
  }

  // ---- sent again

  private static final Routed SEARCH =
      EndpointTable.of(List.of(Set.of(Protocol.TEMPO_QUERY)))
          .route("POST", "/tempopb.StreamingQuerier/Search", "application/grpc", true);

  /** A request of this kind, of which this much is sent. */
  private void call(Routed kind, int id, String body, boolean end) {
    forwarding = kind;
    client.headers(id, head("POST", "/" + kind.served().name()), false);
    client.data(id, body, end);
    wire.runPendingTasks();
  }

  private void assertAgain(String expected) {
    wire.runPendingTasks();
    assertThat(told).filteredOn(t -> t.startsWith("again")).containsExactly(expected);
  }

  @Test
  void whatTheServerHasNotLookedAtIsSentAgain() {
    resends = true;
    forward(1);
    forward(3);
    upstream.goAway(3);

    assertAgain("again /x end");
    assertThat(told).contains("failed GOAWAY");
    assertThat(toClient()).isEmpty();
    upstream.headers(3, ok(), true);
    assertThat(toClient()).containsExactly("HEADERS 1 end :status=200");
  }

  @Test
  void aRefusedReadIsSentAgainWithItsBody() {
    resends = true;
    call(SEARCH, 1, "query", true);
    upstream.reset(3, REFUSED_STREAM);

    assertAgain("again /tempopb.StreamingQuerier/Search query end");
    assertThat(elsewhere.calls).containsExactly("head false", "query true");
    assertThat(toClient()).isEmpty();
  }

  @Test
  void aBodyInAFewPiecesIsSentAgainAsOne() {
    resends = true;
    callInSingleBytes(StreamEnd.MANY_PIECES);
    upstream.reset(3, REFUSED_STREAM);

    wire.runPendingTasks();
    String whole = "q".repeat(StreamEnd.MANY_PIECES);
    assertAgain("again /tempopb.StreamingQuerier/Search " + whole + " end");
    assertThat(elsewhere.calls).hasSize(2);
  }

  @Test
  void aBodyInManyPiecesIsNotKept() {
    resends = true;
    callInSingleBytes(StreamEnd.MANY_PIECES + 1);
    upstream.reset(3, REFUSED_STREAM);

    wire.runPendingTasks();
    assertThat(elsewhere.calls).isEmpty();
  }

  private void callInSingleBytes(int pieces) {
    call(SEARCH, 1, "q", false);
    for (int i = 2; i < pieces; i++) {
      client.data(1, "q", false);
    }
    client.data(1, "q", true);
  }

  @Test
  void theRestOfARequestFollowsWhatWasSentAgain() {
    resends = true;
    call(SEARCH, 1, "que", false);
    upstream.reset(3, REFUSED_STREAM);
    client.data(1, "ry", true);

    assertThat(elsewhere.calls).containsExactly("head false", "que false", "ry true");
  }

  @Test
  void aWriteIsSentAgainOnlyBeforeItsBody() {
    resends = true;
    call(EXPORT, 1, "spans", false);
    upstream.reset(3, REFUSED_STREAM);
    assertThat(toClient()).anyMatch(f -> f.contains("grpc-status=14"));

    forwarding = EXPORT;
    client.headers(3, head("POST", "/" + EXPORT.served().name()), false);
    wire.runPendingTasks();
    upstream.reset(5, REFUSED_STREAM);
    assertAgain("again /" + EXPORT.served().name());
  }

  @Test
  void aLongBodyIsNotKept() {
    resends = true;
    call(SEARCH, 1, "q".repeat(ResendableEnd.MOST_HELD / 2), false);
    client.data(1, "q".repeat(ResendableEnd.MOST_HELD / 2), false);
    client.data(1, "q", true);
    upstream.reset(3, INTERNAL_ERROR);

    assertThat(told).noneMatch(t -> t.startsWith("again"));
  }

  @ParameterizedTest
  @CsvSource({
    "502, , again",
    "503, , again",
    "504, , again",
    "503, retry-after, passes",
    "500, , passes",
    "429, , passes",
    "404, , passes",
    "200, , passes"
  })
  void anAnswerThatSaysTheServerIsIllIsSentElsewhere(
      String status, @Nullable String field, String what) {
    resends = true;
    forward(1);
    Http2Headers answer = new DefaultHttp2Headers().status(status);
    if (field != null) {
      answer.add(field, "1");
    }
    upstream.headers(3, answer, true);

    boolean again = what.equals("again");
    assertThat(told.stream().anyMatch(t -> t.startsWith("again"))).isEqualTo(again);
    assertThat(answers).isEqualTo(again ? 0 : 1);
    assertThat(toClient().isEmpty()).isEqualTo(again);
  }

  @ParameterizedTest
  @CsvSource({"14, , true", "14, grpc-status-details-bin, false", "8, , false", "5, , false"})
  void aCallThatIsUnavailableIsSentElsewhere(String status, @Nullable String field, boolean again) {
    resends = true;
    call(SEARCH, 1, "query", true);
    Http2Headers answer = ok().add("grpc-status", status);
    if (field != null) {
      answer.add(field, "1");
    }
    upstream.headers(3, answer, true);

    assertThat(told.stream().anyMatch(t -> t.startsWith("again"))).isEqualTo(again);
  }

  @Test
  void nothingIsSentAgainOnceItsAnswerHasBegun() {
    resends = true;
    call(SEARCH, 1, "query", true);
    upstream.headers(3, ok(), false);
    upstream.headers(3, new DefaultHttp2Headers().add("grpc-status", "14"), true);

    assertThat(told).contains("failed BAD_ANSWER").noneMatch(t -> t.startsWith("again"));
    assertThat(toClient()).anyMatch(f -> f.contains("grpc-status=14"));
  }

  @Test
  void whatHasNoAnswerYetCanBeTakenElsewhere() {
    resends = true;
    call(SEARCH, 1, "query", true);
    upstream.received();
    connection.resendUnanswered();

    assertAgain("again /tempopb.StreamingQuerier/Search query end");
    wire.runPendingTasks();
    assertThat(upstream.received()).contains("RST 3 " + StreamEnd.CANCEL);
  }

  @Test
  void aRequestThatIsGivenUpIsForgotten() {
    resends = true;
    call(SEARCH, 1, "query", true);
    client.reset(1, (int) StreamEnd.CANCEL);
    upstream.reset(3, REFUSED_STREAM);

    assertThat(told).noneMatch(t -> t.startsWith("again"));
  }

  @Test
  void saysWhenItIsOldAndGoesWhenItIsUnused() {
    forward(1);
    connection.sweep(System.nanoTime() + 601 * SECOND);
    assertThat(told).contains("aged");
    assertThat(connection.canOpen()).isTrue();

    upstream.headers(3, ok(), true);
    connection.sweep(System.nanoTime() + 601 * SECOND);
    wire.runPendingTasks();
    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void isForgottenWhenItsConnectionWasNeverMade() {
    EmbeddedChannel never =
        new EmbeddedChannel() {
          @Override
          public boolean isActive() {
            return false;
          }
        };
    Http2UpstreamConnection one =
        Http2UpstreamConnection.create(
            handler.loop, this, RecordingHandler.LIMITS, new UpstreamLife(0, 0));
    never.pipeline().addLast(one);
    int before = handler.loop.upstreams();
    never.pipeline().remove(one);

    assertThat(handler.loop.upstreams()).isEqualTo(before - 1);
  }

  @Test
  void goesWhenNobodyHasUsedItForLong() {
    connection.sweep(System.nanoTime() + 59 * SECOND);
    assertThat(wire.isOpen()).isTrue();

    connection.sweep(System.nanoTime() + 61 * SECOND);
    wire.runPendingTasks();
    assertThat(wire.isOpen()).isFalse();
  }
}
