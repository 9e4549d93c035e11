package io.scopegate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PendingEndTest {
  private final EventLoop loop = new DefaultEventLoop();
  private final Budget budget = new Budget(1 << 20, 1000);
  private final LoopContext worker = new LoopContext(loop, budget);
  private final Recorder client = new Recorder();
  private final PendingEnd waiting = new PendingEnd(worker);
  private final Http2Headers head = new DefaultHttp2Headers().method("POST").path("/");
  private final Http2Headers trailers = new DefaultHttp2Headers().add("x-sum", "1");

  @AfterEach
  void stop() {
    loop.shutdownGracefully().cancel(false);
    assertThat(budget.heldBytes()).isZero();
  }

  /** An end that writes down what it is told. */
  private final class Recorder extends StreamEnd {
    final List<String> calls = new ArrayList<>();
    int credit;
    boolean breaks;

    Recorder() {
      super(PendingEndTest.this.worker);
    }

    void send(String text, boolean end) {
      deliver(peer, Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), end);
    }

    @Override
    public void head(Http2Headers h, boolean end) {
      calls.add("head " + end);
      if (breaks) {
        unlink();
      }
    }

    @Override
    public void data(ByteBuf bytes, boolean end) {
      calls.add(bytes.toString(StandardCharsets.US_ASCII) + " " + end);
      int n = bytes.readableBytes();
      bytes.release();
      peer.written(n);
    }

    @Override
    public void trailers(Http2Headers t) {
      calls.add("trailers " + t.size());
    }

    @Override
    public void reset(long code) {
      calls.add("reset " + code);
    }

    @Override
    public void abort() {
      calls.add("abort");
    }

    @Override
    protected void credit(int n) {
      credit += n;
    }
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
    assertThat(budget.heldBytes()).isEqualTo(6);

    Recorder real = new Recorder();
    waiting.become(real);

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
    Recorder real = new Recorder();
    waiting.become(real);
    assertThat(real.calls).containsExactly("head false", "one false", "two true");
  }

  @Test
  void endsWithTheHeadWhenThereIsNothingElse() {
    begin(true);
    Recorder real = new Recorder();
    waiting.become(real);
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
    Recorder real = new Recorder();
    real.breaks = true;

    waiting.become(real);

    assertThat(real.calls).containsExactly("head false");
    assertThat(client.credit).isEqualTo(3);
  }
}
