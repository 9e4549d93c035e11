package io.scopegate.gateway.warmup;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.NeutralHeads;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.forward.Destination;
import java.util.function.Consumer;

/** Who has sent one request and waits for its answer: the other end of an upstream's end. */
final class Caller extends StreamEnd {
  private final Call call;
  private final Consumer<Boolean> ended;
  private int status = -1;
  private boolean done;

  /**
   * A caller who has not called yet.
   *
   * @param ended is told once whether the answer was the expected one
   */
  Caller(LoopContext loop, Call call, Consumer<Boolean> ended) {
    super(loop);
    this.call = call;
    this.ended = ended;
  }

  void call(Destination gateway, int number) {
    StreamEnd to = gateway.open(call.grpc(), null);
    to.link(this);
    boolean whole = call.body().length == 0;
    to.head(call.newHead(number), whole);
    StreamEnd still = peer;
    if (!whole && still != null) {
      deliver(still, call.newBody(), true);
    }
  }

  @Override
  public void head(Http2Headers head, boolean end) {
    status = call.grpc() ? NeutralHeads.grpcStatus(head, status) : NeutralHeads.status(head);
    if (end) {
      done();
    }
  }

  @Override
  public void data(ByteBuf bytes, boolean end) {
    int n = bytes.readableBytes();
    bytes.release();
    StreamEnd from = peer;
    if (from != null) {
      keep(from, n);
      settle(from, n);
    }
    if (end) {
      done();
    }
  }

  @Override
  public void trailers(Http2Headers trailers) {
    if (call.grpc()) {
      status = NeutralHeads.grpcStatus(trailers, status);
    }
    done();
  }

  @Override
  public void reset(long code) {
    unlink();
    if (code != NO_ERROR) {
      status = -1;
    }
    done();
  }

  @Override
  public void abort() {
    StreamEnd to = unlink();
    if (to != null) {
      to.reset(CANCEL);
    }
    done();
  }

  @Override
  protected void credit(int n) {} // the body is there as a whole

  private void done() {
    if (!done) {
      done = true;
      ended.accept(status == call.answer());
    }
  }
}
