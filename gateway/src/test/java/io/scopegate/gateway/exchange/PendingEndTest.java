package io.scopegate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.telemetry.Telemetry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PendingEndTest {
  private final EventLoop loop = new EmbeddedChannel().eventLoop();
  private final Budget budget = new Budget(1 << 20, 1000);
  private final LoopContext loopContext = new LoopContext(loop, budget);
  private final Telemetry telemetry = new Telemetry(null, 10, "test");
  private final RecordingEnd client = new RecordingEnd(loopContext);
  private final PendingEnd waiting = new PendingEnd(loopContext);
  private final Http2Headers head = new DefaultHttp2Headers().method("POST").path("/");
  private final Http2Headers trailers = new DefaultHttp2Headers().add("x-sum", "1");

  @AfterEach
  void stop() {
    telemetry.close();
    assertThat(budget.heldBytes()).isZero();
  }

  private void begin(boolean end) {
    client.link(waiting);
    waiting.head(head, end);
  }

  @Test
  void handsEverythingOverInItsOrder() {
    begin(false);
    client.send("one", false);
    client.send("two", false);
    waiting.trailers(trailers);
    assertThat(client.credit).isZero();
    assertThat(budget.heldBytes()).isEqualTo(6 + 2 * HeapShares.PIECE_BYTES);
    assertThat(budget.waitingBytes()).isEqualTo(budget.heldBytes());

    RecordingEnd real = new RecordingEnd(loopContext);
    waiting.handOver(real);

    assertThat(real.calls).containsExactly("head false", "one false", "two false", "trailers 1");
    assertThat(client.credit).isEqualTo(6);
    assertThat(real.linked()).isTrue();
    assertThat(waiting.cancelled()).isTrue();
  }

  @Test
  void marksTheLastBytesAsTheEnd() {
    begin(false);
    client.send("one", false);
    client.send("two", true);
    RecordingEnd real = new RecordingEnd(loopContext);
    waiting.handOver(real);
    assertThat(real.calls).containsExactly("head false", "one false", "two true");
  }

  @Test
  void endsWithTheHeadWhenThereIsNothingElse() {
    begin(true);
    RecordingEnd real = new RecordingEnd(loopContext);
    waiting.handOver(real);
    assertThat(real.calls).containsExactly("head true");
  }

  @Test
  void givesTheCreditBackWhenTheClientGoes() {
    begin(false);
    client.send("one", false);

    waiting.reset(StreamEnd.CANCEL);

    assertThat(waiting.cancelled()).isTrue();
    assertThat(client.linked()).isFalse();
    assertThat(client.credit).isEqualTo(3);
  }

  @Test
  void givesTheCreditBackWhenTheRealEndBreaksAtOnce() {
    begin(false);
    client.send("one", false);
    RecordingEnd real = new RecordingEnd(loopContext);
    real.breaks = true;

    waiting.handOver(real);

    assertThat(real.calls).containsExactly("head false");
    assertThat(client.credit).isEqualTo(3);
  }

  @Test
  void chargesAHeadOfManyFieldsAsMuchAsItCosts() {
    for (int i = 0; i < 900; i++) {
      head.add("a", "");
    }
    begin(true);
    assertThat(budget.heldBytes()).isBetween(900 * 100L, 900 * 200L);
    assertThat(budget.waitingBytes()).isEqualTo(budget.heldBytes());

    waiting.handOver(new RecordingEnd(loopContext));
    assertThat(budget.heldBytes()).isZero();
    assertThat(budget.waitingBytes()).isZero();
  }

  @Test
  void refusesAHeadThatFindsNoRoomInTheQuarterForWhatWaits() {
    for (int i = 0; i < 3_000; i++) { // more than 256 KiB of heap
      head.add("a", "");
    }
    Exchange x = new Exchange(client, TestContexts.http2(telemetry));
    begin(true);

    assertThat(client.calls).first().asString().startsWith("head 503 ");
    assertThat(x.record.refusal).isEqualTo(LoopContext.overloaded());
    x.end(true);
    assertThat(waiting.cancelled()).isTrue();
    assertThat(budget.waitingBytes()).isZero();
  }

  @Test
  void refusesABodyOfMorePiecesThanThereIsRoomFor() {
    begin(false);
    Exchange x = new Exchange(client, TestContexts.http2(telemetry));
    for (int i = 0; i < 2_000 && client.linked(); i++) {
      client.send("x", false);
    }
    assertThat(client.calls).first().asString().startsWith("head 503 ");
    x.end(true);
    assertThat(budget.waitingBytes()).isZero();
    assertThat(budget.heldBytes()).isZero();
  }

  @Test
  void chargesTheHeadToTheTenantThatItWaitsFor() {
    TenantMemoryShare share = new TenantMemoryShare(budget);
    client.share(share);
    for (int i = 0; i < 100; i++) {
      head.add("a", "");
    }
    begin(false);
    assertThat(share.bytes()).isBetween(8_000L, 12_000L);
    waiting.abort();
    assertThat(share.bytes()).isZero();
  }

  @Test
  void givesTheWholeBodyToWhoAskedForItOnce() {
    List<String> seen = new ArrayList<>();
    begin(false);
    client.send("one", false);
    waiting.hold(10, body -> seen.add(body == null ? "too long" : text(body)));
    assertThat(seen).isEmpty();
    client.send("two", true);
    assertThat(seen).containsExactly("onetwo");
    waiting.abort();
  }

  @Test
  void saysThatABodyIsLongerThanMayBeHeld() {
    List<String> seen = new ArrayList<>();
    begin(false);
    waiting.hold(4, body -> seen.add(body == null ? "too long" : text(body)));
    client.send("one", false);
    client.send("two", false);
    assertThat(seen).containsExactly("too long");
    waiting.abort();
  }

  @Test
  void aBodyInCrumbsIsNotWaitedFor() {
    List<String> seen = new ArrayList<>();
    begin(false);
    waiting.hold(10_000, body -> seen.add(body == null ? "too long" : text(body)));
    for (int i = 0; i < StreamEnd.MANY_PIECES; i++) {
      client.send("x", false);
    }
    assertThat(seen).isEmpty();
    client.send("x", false);
    assertThat(seen).containsExactly("too long");
    waiting.abort();
  }

  private static String text(ByteBuf body) {
    return body.toString(StandardCharsets.US_ASCII);
  }
}
