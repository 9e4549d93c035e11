package io.scopegate.gateway.warmup;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.ConnectionContext;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.RequestHandler;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.telemetry.RequestIds;
import io.scopegate.gateway.telemetry.RequestRecord;
import org.jspecify.annotations.Nullable;

/** The upstream of the warm-up: reads any request to its end and answers as Tempo does. */
final class Sink implements RequestHandler {
  private static final AsciiString GRPC = AsciiString.cached("application/grpc");
  private static final AsciiString JSON = AsciiString.cached("application/json");
  private static final AsciiString PROTOBUF = AsciiString.cached("application/x-protobuf");
  private static final AsciiString GRPC_STATUS = AsciiString.cached("grpc-status");
  private static final AsciiString POST = AsciiString.cached("POST");

  private static final byte[] NOTHING = {};

  /** A gRPC message without content. */
  private static final byte[] EMPTY_MESSAGE = new byte[5];

  /** As many parts of an answer as a short search streams. */
  private static final int STREAMED = 3;

  private static final byte[] RESULT =
      AsciiString.of("{\"traces\":[],\"metrics\":{\"completedJobs\":1,\"totalJobs\":1}}").array();

  /** Connections of who was let in are read at once. */
  private static final AccessDecision ALLOWED =
      new AccessDecision(null, null, "", Calls.USER, Long.MAX_VALUE);

  private final LoopContext loop;

  Sink(LoopContext loop) {
    this.loop = loop;
  }

  @Override
  public void request(Exchange x, Http2Headers head, boolean end, ConnectionDecisionCache memo) {
    x.record.asked(RequestIds.of(null), head.method(), head.path());
    x.allowed(ALLOWED);
    x.client().link(new End(loop, head));
    if (end && x.client().peer() instanceof End here) {
      here.answer();
    }
  }

  @Override
  public @Nullable RequestRecord refuseAgain(
      Http2Headers head, ConnectionDecisionCache memo, ConnectionContext context) {
    return null;
  }

  @Override
  public void malformed(Exchange x, Refusal why) {
    x.record.asked(RequestIds.of(null), "", "");
    x.refuse(why);
  }

  /** The end that answers one request. */
  private static final class End extends StreamEnd {
    private final boolean isGrpc;
    private final boolean isPost;
    private final boolean isStreamed;

    End(LoopContext loop, Http2Headers head) {
      super(loop);
      CharSequence type = head.get(HttpHeaderNames.CONTENT_TYPE);
      isGrpc = type != null && GRPC.contentEquals(type);
      isPost = POST.contentEquals(head.method());
      isStreamed = isGrpc && AsciiString.contains(head.path(), "Streaming");
    }

    void answer() {
      StreamEnd client = peer;
      if (client == null) {
        return;
      }
      if (isGrpc) {
        answerCall(client);
      } else {
        answerRequest(client);
      }
      inEnd = true;
      unlink();
    }

    private void answerCall(StreamEnd client) {
      client.head(new DefaultHttp2Headers(false).status("200").set("content-type", GRPC), false);
      for (int i = isStreamed ? STREAMED : 1; i > 0; i--) {
        give(EMPTY_MESSAGE, false);
      }
      if (peer != null) {
        client.trailers(new DefaultHttp2Headers(false).set(GRPC_STATUS, "0"));
      }
    }

    private void answerRequest(StreamEnd client) {
      byte[] body = isPost ? NOTHING : RESULT;
      Http2Headers head =
          new DefaultHttp2Headers(false)
              .status("200")
              .set(HttpHeaderNames.CONTENT_TYPE, isPost ? PROTOBUF : JSON)
              .set(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length));
      client.head(head, isPost);
      if (!isPost) {
        give(body, true);
      }
    }

    private void give(byte[] bytes, boolean end) {
      StreamEnd client = peer;
      if (client != null) {
        deliver(client, Unpooled.wrappedBuffer(bytes), end);
      }
    }

    @Override
    public void head(Http2Headers head, boolean end) {} // it came with the request

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
        answer();
      }
    }

    @Override
    public void trailers(Http2Headers trailers) {
      answer();
    }

    @Override
    public void reset(long code) {
      unlink();
    }

    @Override
    public void abort() {
      StreamEnd client = unlink();
      if (client != null) {
        client.reset(CANCEL);
      }
    }

    @Override
    protected void credit(int n) {} // the answer is there as a whole
  }
}
