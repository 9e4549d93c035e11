package io.scopegate.gateway.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.NeutralHeads;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.forward.HealthCheckConfig.Type;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One check of a server: the client's end of its request. */
final class CheckCall extends StreamEnd {
  private static final int OK = 0;
  private static final int UNIMPLEMENTED = 12;

  /** Compression flag and length of a message. */
  private static final int FRAME_BYTES = 5;

  /** {@code HealthCheckResponse.status: SERVING}. */
  private static final byte[] SERVING = {0x08, 0x01};

  /** The field {@code HealthCheckRequest.service}. */
  private static final int SERVICE_FIELD = 0x0a;

  private final Consumer<@Nullable String> ended;
  private final boolean isGrpc;
  private final ByteBuf message = Unpooled.buffer(FRAME_BYTES + SERVING.length);
  private int status = -1;
  private int grpcStatus = -1;
  private boolean done;

  /**
   * A check that has not begun.
   *
   * @param ended gets what is wrong, once; null when nothing is
   */
  CheckCall(LoopContext loop, boolean isGrpc, Consumer<@Nullable String> ended) {
    super(loop);
    this.isGrpc = isGrpc;
    this.ended = ended;
  }

  /** Sends it over an upstream's end. */
  void send(StreamEnd to, HealthCheckConfig config, boolean tls, String authority) {
    to.link(this);
    to.head(head(config, tls, authority), !isGrpc);
    StreamEnd still = peer;
    if (isGrpc && still != null) {
      deliver(still, request(config.service()), true);
    }
  }

  private static Http2Headers head(HealthCheckConfig config, boolean tls, String authority) {
    boolean grpc = config.type() == Type.GRPC;
    Http2Headers head =
        new DefaultHttp2Headers()
            .method(AsciiString.of(grpc ? "POST" : "GET"))
            .path(AsciiString.of(grpc ? "/grpc.health.v1.Health/Check" : config.path()))
            .scheme(AsciiString.of(tls ? "https" : "http"))
            .authority(AsciiString.of(authority));
    head.add(AsciiString.of("user-agent"), AsciiString.of("scopegate"));
    if (grpc) {
      head.add(AsciiString.of("content-type"), AsciiString.of("application/grpc"));
      head.add(AsciiString.of("te"), AsciiString.of("trailers"));
    }
    return head;
  }

  private static ByteBuf request(String service) {
    byte[] name = service.getBytes(StandardCharsets.UTF_8);
    ByteBuf out = Unpooled.buffer(FRAME_BYTES + name.length + 6).writeByte(0).writeInt(0);
    if (name.length > 0) {
      out.writeByte(SERVICE_FIELD);
      int length = name.length;
      for (; length > 0x7f; length >>>= 7) { // a varint
        out.writeByte(length & 0x7f | 0x80);
      }
      out.writeByte(length).writeBytes(name);
    }
    return out.setInt(1, out.readableBytes() - FRAME_BYTES);
  }

  // ---- the answer

  @Override
  public void head(Http2Headers head, boolean end) {
    headSent = true;
    status = NeutralHeads.status(head);
    grpcStatus = NeutralHeads.grpcStatus(head, grpcStatus);
    if (end) {
      answered();
    }
  }

  @Override
  public void data(ByteBuf bytes, boolean end) {
    int n = bytes.readableBytes();
    message.writeBytes(bytes, Math.min(n, message.maxFastWritableBytes()));
    bytes.release();
    StreamEnd from = peer;
    if (from != null) {
      keep(from, n);
      settle(from, n);
    }
    if (end) {
      answered();
    }
  }

  @Override
  public void trailers(Http2Headers trailers) {
    grpcStatus = NeutralHeads.grpcStatus(trailers, grpcStatus);
    answered();
  }

  private void answered() {
    outEnd = true;
    done(isGrpc ? ofCall() : status / 100 == 2 ? null : "it answers " + status);
  }

  private @Nullable String ofCall() {
    if (grpcStatus == UNIMPLEMENTED) {
      return null;
    }
    if (grpcStatus != OK) {
      return grpcStatus < 0 ? "it does not speak gRPC" : "it answers gRPC status " + grpcStatus;
    }
    boolean serves =
        message.readableBytes() == FRAME_BYTES + SERVING.length
            && message.getByte(FRAME_BYTES) == SERVING[0]
            && message.getByte(FRAME_BYTES + 1) == SERVING[1];
    return serves ? null : "it answers that it is not SERVING";
  }

  @Override
  public void reset(long code) {
    unlink();
    done("it closes, or takes no connection");
  }

  @Override
  public void abort() {
    giveUp("its check was ended");
  }

  /** Ends it now. */
  void giveUp(String why) {
    if (done) {
      return;
    }
    StreamEnd to = unlink();
    if (to != null) {
      to.reset(CANCEL);
    }
    done(why);
  }

  @Override
  protected void credit(int n) {} // the request is there as a whole

  private void done(@Nullable String wrong) {
    if (!done) {
      done = true;
      ended.accept(wrong);
    }
  }
}
