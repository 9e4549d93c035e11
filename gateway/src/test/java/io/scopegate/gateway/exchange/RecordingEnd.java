package io.scopegate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** An end that writes down what it is told, and writes everything at once unless told otherwise. */
public final class RecordingEnd extends StreamEnd {
  /** What it was told, in its order. */
  public final List<String> calls = new ArrayList<>();

  int credit;
  boolean breaks;
  boolean stalls;

  /** An end of nobody's. */
  public RecordingEnd(LoopContext loop) {
    super(loop);
  }

  void send(String text, boolean end) {
    inEnd = end;
    deliver(peer, Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), end);
  }

  @Override
  public void head(Http2Headers h, boolean end) {
    CharSequence status = h.status();
    calls.add("head " + (status == null ? "" : status + " ") + end);
    headSent = true;
    outEnd = end;
    if (exchange != null) {
      exchange.answered(h, end);
    }
    if (breaks) {
      unlink();
    }
  }

  @Override
  public void data(ByteBuf bytes, boolean end) {
    calls.add(bytes.toString(StandardCharsets.US_ASCII) + " " + end);
    outEnd |= end;
    int n = bytes.readableBytes();
    bytes.release();
    if (stalls) {
      return;
    }
    if (peer != null) {
      peer.written(n);
    }
  }

  @Override
  public void trailers(Http2Headers t) {
    calls.add("trailers " + t.size());
    outEnd = true;
  }

  @Override
  public void reset(long code) {
    calls.add("reset " + code);
    unlink();
  }

  @Override
  public void abort() {
    calls.add("abort");
    unlink();
    if (exchange != null) {
      exchange.end(true);
    }
  }

  @Override
  protected void lingered() {
    calls.add("lingered");
  }

  @Override
  protected void closeConnection() {
    calls.add("close connection");
  }

  @Override
  protected void credit(int n) {
    credit += n;
  }
}
