package io.scopegate.gateway.http;

import static io.scopegate.gateway.http.RecordingHandler.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.scopegate.gateway.exchange.StreamEnd;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Http1ServerConnectionTest {
  private static final String GET = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String POST = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n";
  private static final String CHUNKED =
      "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

  /** Its client can stop to read. */
  private static final class Wire extends EmbeddedChannel {
    boolean stuck;

    @Override
    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
      if (!stuck) {
        super.doWrite(in);
      }
    }
  }

  private final Wire wire = new Wire();
  private final RecordingHandler handler = new RecordingHandler(wire);

  @BeforeEach
  void speakHttp1() {
    Http1ServerConnection.addTo(
        wire.pipeline(), handler.loop, handler, handler.http1, RecordingHandler.LIMITS);
  }

  @AfterEach
  void close() {
    wire.stuck = false;
    RecordingHandler.lose(wire);
    wire.finishAndReleaseAll();
    handler.close();
    assertThat(handler.loop.exchanges()).isZero();
    assertThat(handler.loop.clients()).isZero();
  }

  private void send(String text) {
    wire.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
  }

  /** What was written since the last time. */
  private String received() {
    wire.runPendingTasks();
    StringBuilder all = new StringBuilder();
    for (ByteBuf b; (b = wire.readOutbound()) != null; ) {
      all.append(b.toString(StandardCharsets.ISO_8859_1));
      b.release();
    }
    return all.toString();
  }

  private void sweepAfter(long nanos) {
    wire.pipeline().get(Http1ServerConnection.class).sweep(System.nanoTime() + nanos);
    wire.runPendingTasks();
  }

  private static int count(String text, String part) {
    return (text.length() - text.replace(part, "").length()) / part.length();
  }

  @Test
  void handsARequestOnAndItsAnswerBack() {
    send(POST + "0123456789");
    RecordingHandler.Upstream upstream = handler.last();
    assertThat(upstream.end).isFalse();
    assertThat(upstream.calls).containsExactly("0123456789 true");
    assertThat(upstream.exchange.context().http2()).isFalse();

    upstream.answer("200", "hello");

    assertThat(received())
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("transfer-encoding: chunked\r\n")
        .endsWith("5\r\nhello\r\n0\r\n\r\n");
    assertThat(wire.isOpen()).isTrue();
  }

  @Test
  void answersHeadWithoutABodyWhateverTheUpstreamSays() {
    send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
    handler.last().answer("200", "hello");
    assertThat(received()).doesNotContain("hello");

    send(GET);
    handler.last().answer("200", "hello");
    assertThat(received()).contains("hello");
  }

  // ---- pipelining

  @Test
  void keepsAPipelinedRequestUntilTheAnswerBeforeItIsComplete() {
    send(GET + GET);
    assertThat(handler.requests).hasSize(1);
    assertThat(wire.config().isAutoRead()).isFalse();

    handler.last().answerHead("200");
    handler.last().answerMore("one", false);
    assertThat(handler.requests).hasSize(1);
    handler.last().answerMore("", true);

    assertThat(handler.requests).hasSize(2);
    assertThat(wire.config().isAutoRead()).isTrue();
    handler.last().answer("204", "");
    assertThat(received()).contains("one").contains("HTTP/1.1 204 No Content");
  }

  @Test
  void putsAPipelinedRequestTogetherThatCameInPieces() {
    send(GET + "GET /seco");
    send("nd HTTP/1.1\r\nHost: a\r\n\r\n");
    handler.last().answer("204", "");

    assertThat(handler.requests).hasSize(2);
    assertThat(handler.last().head.path()).hasToString("/second");
  }

  @Test
  void doesNotNestPipelinedRequestsThatAreAnsweredAtOnce() {
    send(GET + GET.repeat(3_000));
    handler.refuseAll();
    handler.requests.get(0).answer("204", "");

    assertThat(count(received(), "HTTP/1.1 403")).isEqualTo(3_000);
  }

  @Test
  void takesNoMoreRequestsFromAClientThatReadsNoAnswers() {
    handler.refuseAll();
    wire.stuck = true;
    send(GET.repeat(1_000));
    wire.runPendingTasks();

    assertThat(handler.requests).hasSizeLessThan(500);
    assertThat(wire.config().isAutoRead()).isFalse();
    int taken = handler.requests.size();
    send(GET.repeat(10));
    assertThat(handler.requests).hasSize(taken);

    wire.stuck = false;
    wire.flush();
    assertThat(count(received(), "HTTP/1.1 403")).isEqualTo(1_010);
    assertThat(wire.config().isAutoRead()).isTrue();
  }

  @Test
  void closesAConnectionWhoseAnswersAreNotRead() {
    handler.refuseAll();
    wire.stuck = true;
    send(GET);
    wire.runPendingTasks();
    sweepAfter(0);
    sweepAfter(9 * SECOND);
    assertThat(wire.isOpen()).isTrue();

    sweepAfter(11 * SECOND);
    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void leavesAConnectionWhoseAnswersWereReadAlone() {
    handler.refuseAll();
    send(GET);
    received();
    sweepAfter(0);
    sweepAfter(11 * SECOND);

    assertThat(wire.isOpen()).isTrue();
  }

  // ---- requests that are answered before they have been read

  @Test
  void readsTheRestOfARefusedRequestAndThenTheNextOne() {
    handler.refuseAll();
    send(POST + "01234");
    assertThat(received()).startsWith("HTTP/1.1 403");
    handler.onRequest = u -> {};
    send("56789" + GET);

    assertThat(handler.requests).hasSize(2);
    assertThat(handler.requests.get(0).calls).containsExactly("reset " + StreamEnd.CANCEL);
  }

  @Test
  void closesARefusedRequestWhoseRestDoesNotCome() {
    handler.refuseAll();
    send(POST);
    sweepAfter(SECOND / 2);
    assertThat(wire.isOpen()).isTrue();

    sweepAfter(SECOND + SECOND / 2);
    assertThat(wire.isOpen()).isFalse();
    assertThat(received()).startsWith("HTTP/1.1 403");
  }

  @Test
  void closesARefusedRequestWhoseRestIsLong() {
    handler.refuseAll();
    send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
    for (int i = 0; i < 26 && wire.isOpen(); i++) {
      assertThat(i * 10_000).isLessThanOrEqualTo(CodecSettings.DRAIN_BYTES);
      send("x".repeat(10_000));
    }
    assertThat(wire.isOpen()).isTrue();

    send("x".repeat(10_000));
    assertThat(wire.isOpen()).isFalse();
  }

  /** An upstream may want the body although it has answered, and ends the exchange itself. */
  @Test
  void goesOnHandingTheBodyToAnUpstreamThatHasAnswered() {
    send(POST + "01234");
    handler.last().answer("200", "early");
    send("56789");

    assertThat(handler.last().calls).containsExactly("01234 false", "56789 true");
    send(GET);
    assertThat(handler.requests).hasSize(2);
  }

  @Test
  void readsTheRestOfARequestWhoseUpstreamIsDone() {
    send(POST + "01234");
    handler.last().answer("200", "early");
    handler.last().resetClient(StreamEnd.NO_ERROR);
    send("56789" + GET);

    assertThat(handler.requests).hasSize(2);
    assertThat(wire.isOpen()).isTrue();
  }

  @Test
  void leavesNothingBehindWhenTheClientGoesInTheMiddleOfABody() {
    send(POST + "01234");
    wire.close();

    assertThat(handler.last().calls).containsExactly("01234 false", "reset " + StreamEnd.CANCEL);
    assertThat(handler.last().exchange.record.aborted).isTrue();
  }

  @Test
  void answersThatTheUpstreamIsLostWhereNoAnswerHasBegun() {
    send(GET);
    handler.last().resetClient(StreamEnd.CANCEL);
    assertThat(received()).startsWith("HTTP/1.1 503");

    send(GET);
    handler.last().answerHead("200");
    handler.last().resetClient(StreamEnd.CANCEL);
    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void stopsReadingWhileTheUpstreamIsSlow() {
    handler.onRequest = u -> u.stuck = true;
    send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
    send("x".repeat(200_000));
    assertThat(wire.config().isAutoRead()).isFalse();

    handler.last().unstick();
    assertThat(wire.config().isAutoRead()).isTrue();
  }

  @Test
  void chunksThatCostMoreThanTheirBytesWaitUndecodedWhileTheUpstreamIsSlow() {
    handler.onRequest = u -> u.stuck = true;
    send(CHUNKED);
    send("1\r\nx\r\n".repeat(5_000) + "0\r\n\r\n");
    RecordingHandler.Upstream upstream = handler.last();
    assertThat(upstream.calls).hasSizeLessThan(600);
    assertThat(wire.config().isAutoRead()).isFalse();

    for (int i = 0; i < 20; i++) {
      upstream.unstick();
      upstream.stuck = true;
      wire.runPendingTasks();
    }
    assertThat(upstream.calls).hasSize(5_001).last().isEqualTo(" true");
    assertThat(wire.config().isAutoRead()).isTrue();
  }

  @Test
  void chunksThatWaitAreReadAndDroppedWhenTheAnswerIsOut() {
    handler.onRequest = u -> u.stuck = true;
    send(CHUNKED);
    send("1\r\nx\r\n".repeat(5_000) + "0\r\n\r\n" + GET);
    RecordingHandler.Upstream upstream = handler.last();
    upstream.answer("200", "early");
    upstream.resetClient(StreamEnd.NO_ERROR);
    upstream.unstick();

    wire.runPendingTasks();
    assertThat(handler.requests).hasSize(2);
  }

  // ---- framing

  @Test
  void refusesABodyThatIsNotFramedAndCloses() {
    send(CHUNKED + "zz\r\n");

    assertThat(received()).startsWith("HTTP/1.1 400").contains("connection: close");
    assertThat(handler.last().calls).containsExactly("reset " + StreamEnd.CANCEL);
    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void cutsAnAnswerOffWhoseRequestIsNotFramed() {
    send(CHUNKED);
    handler.last().answerHead("200");
    send("zz\r\n");

    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void takesWhatHeadsMayNotHaveOutOfTrailers() {
    send(
        CHUNKED
            + "1\r\nx\r\n0\r\nx-sum: 1\r\nauthorization: Bearer t\r\ncontent-length: 5\r\n\r\n");

    assertThat(handler.last().calls).containsExactly("x false", "trailers [x-sum]");
  }

  @Test
  void refusesHeadsThatTwoReadersCouldSplitDifferently() {
    for (String head :
        new String[] {
          "GET /x HTTP/1.1\r\n\r\n",
          "GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
          "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, xchunked\r\n\r\n",
          "POST /x HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
          "GET x HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET /x HTTP/2.0\r\nHost: a\r\n\r\n",
          "\u0001\r\n\r\n"
        }) {
      Wire one = new Wire();
      Http1ServerConnection.addTo(
          one.pipeline(), handler.loop, handler, handler.http1, RecordingHandler.LIMITS);
      one.writeInbound(Unpooled.copiedBuffer(head + GET, StandardCharsets.ISO_8859_1));
      ByteBuf answer = one.readOutbound();
      assertThat(answer.toString(StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 400");
      answer.release();
      assertThat(one.isOpen()).as(head).isFalse();
      one.finishAndReleaseAll();
    }
    assertThat(handler.requests).isEmpty();
    assertThat(handler.malformed).hasSize(7);
  }

  @Test
  void saysThatAHeadIsTooLarge() {
    send("GET /x HTTP/1.1\r\nHost: a\r\nx-large: " + "x".repeat(9_000) + "\r\n\r\n");

    assertThat(received()).startsWith("HTTP/1.1 431");
    assertThat(wire.isOpen()).isFalse();
  }

  // ---- HTTP/1.0, Expect

  @Test
  void closesAfterTheAnswerToHttp10WhateverItAsksFor() {
    send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    handler.last().answer("200", "hello");

    assertThat(received())
        .contains("connection: close")
        .doesNotContain("chunked")
        .endsWith("\r\n\r\nhello");
    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void asksForTheBodyOnceWhenTheRequestGoesOn() {
    send("POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
    assertThat(received()).isEmpty();
    assertThat(handler.last().head.contains("expect")).isFalse();

    handler.last().exchange.client().proceed();
    handler.last().exchange.client().proceed();
    assertThat(received()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
  }

  @Test
  void closesAfterARefusalWhoseBodyWasNeverAskedFor() {
    handler.refuseAll();
    send("POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");

    assertThat(received()).startsWith("HTTP/1.1 403").contains("connection: close");
    send("x");
    assertThat(wire.isOpen()).isFalse();
  }

  // ---- time

  @Test
  void closesAConnectionWhoseHeadDoesNotEnd() {
    send("GET /x HTT");
    sweepAfter(9 * SECOND);
    assertThat(wire.isOpen()).isTrue();

    sweepAfter(11 * SECOND);
    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void finishesWhatRunsWhenItIsAskedToGo() {
    send(GET);
    wire.pipeline().get(Http1ServerConnection.class).drain();
    assertThat(wire.isOpen()).isTrue();
    handler.last().answer("200", "x");

    assertThat(received()).contains("connection: close");
    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void closesAnIdleConnectionThatIsAskedToGo() {
    wire.pipeline().get(Http1ServerConnection.class).drain();
    assertThat(wire.isOpen()).isFalse();
  }

  // ---- the upgrade

  private static String upgrade(String more) {
    return "GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n"
        + more
        + "\r\n";
  }

  @Test
  void becomesHttp2AndLosesNothingThatCameBehind() {
    ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
    String settings = "\0\0\0\4\0\0\0\0\0";
    String ping = "\0\0\10\6\0\0\0\0\00012345678";
    send(upgrade("") + preface.toString(StandardCharsets.ISO_8859_1) + settings + ping);
    preface.release();

    assertThat(handler.last().head.path()).hasToString("/x");
    assertThat(handler.last().exchange.context().http2()).isTrue();
    assertThat(received())
        .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
        .contains("\0\0\10\6\1\0\0\0\00012345678");
    assertThat(wire.pipeline().get(Http1ServerConnection.class)).isNull();
    assertThat(wire.pipeline().get(Http1RequestDecoder.class)).isNull();
    assertThat(handler.loop.clients()).isEqualTo(1);
  }

  @Test
  void staysWithHttp1WhereARequestHasABodyOrOddSettings() {
    send(upgrade("Content-Length: 1\r\n") + "x");
    assertThat(handler.last().exchange.context().http2()).isFalse();
    assertThat(wire.pipeline().get(H2cUpgrade.class)).isNull();
  }

  @Test
  void doesNotUpgradeBehindAnotherRequestNorDropIt() {
    send(GET + upgrade("") + GET);
    for (int i = 1; i <= 3; i++) {
      assertThat(handler.requests).hasSize(i);
      assertThat(handler.last().exchange.context().http2()).isFalse();
      handler.last().answer("204", "");
    }
    assertThat(count(received(), "HTTP/1.1 204")).isEqualTo(3);
  }
}
