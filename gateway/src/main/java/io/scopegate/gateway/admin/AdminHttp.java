package io.scopegate.gateway.admin;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.scopegate.gateway.exchange.ConnectionStanding;
import io.scopegate.gateway.http.FieldLimit;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whole requests of an HTTP/1.1 connection, one at a time, or the one of an HTTP/2 stream. */
final class AdminHttp extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(AdminHttp.class);

  private final Consumer<AdminRequest> handler;
  private final AdminPatience patience;
  private final boolean isStream;

  /** Pipelined ones; what one read of the socket brings, since nothing is read meanwhile. */
  private final ArrayDeque<FullHttpRequest> later = new ArrayDeque<>(0);

  private boolean asked;
  private boolean busy;

  AdminHttp(Consumer<AdminRequest> handler, AdminPatience patience, boolean isStream) {
    this.handler = handler;
    this.patience = patience;
    this.isStream = isStream;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext c) {
    if (isStream) {
      c.executor().schedule(() -> closeUnasked(c), patience.requestNanos(), TimeUnit.NANOSECONDS);
    } else {
      c.read();
    }
  }

  private void closeUnasked(ChannelHandlerContext c) {
    if (!asked) {
      c.close();
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext c, FullHttpRequest request) {
    if (busy) {
      later.add(request.retain());
    } else {
      begin(c, request);
    }
  }

  private void begin(ChannelHandlerContext c, FullHttpRequest request) {
    busy = true;
    asked = true;
    patience.requested();
    ConnectionStanding standing = patience.standing();
    standing.letIn();
    standing.begin();
    AdminRequest asking =
        new AdminRequest(c, request, patience.requestNanos(), isStream, () -> answered(c));
    try {
      int flaw = flaw(request);
      if (flaw == 0) {
        handler.accept(asking);
      } else {
        asking.answerAndClose(flaw, "the request: " + reason(flaw) + "\n");
      }
    } catch (RuntimeException e) {
      LOG.error("admin: a defect of the gateway", e);
      asking.answer(500, AdminRequest.TEXT, "the gateway failed; see its log\n");
    }
  }

  /** The status of what cannot be read; 0 when it can. */
  private static int flaw(FullHttpRequest request) {
    if (request.decoderResult().isFailure()) {
      Throwable why = request.decoderResult().cause();
      return why instanceof TooLongHttpLineException
          ? 414
          : why instanceof TooLongHttpHeaderException ? 431 : 400;
    }
    return request.headers().size() > FieldLimit.MOST_FIELDS ? 431 : 0;
  }

  private static String reason(int status) {
    return switch (status) {
      case 414 -> "its first line is too long";
      case 431 -> "its headers are too large, or more than " + FieldLimit.MOST_FIELDS;
      default -> "not HTTP";
    };
  }

  /** The next one may come. */
  private void answered(ChannelHandlerContext c) {
    patience.standing().end(System.nanoTime());
    busy = false;
    if (later.isEmpty()) {
      c.read();
    } else {
      c.executor().execute(() -> beginNext(c)); // an answer at once must not recurse
    }
  }

  private void beginNext(ChannelHandlerContext c) {
    FullHttpRequest next = busy ? null : later.poll();
    if (next != null) {
      try {
        begin(c, next);
      } finally {
        next.release();
      }
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext c) {
    for (FullHttpRequest r; (r = later.poll()) != null; ) {
      r.release();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext c, Throwable t) {
    c.close(); // a reset, or something that is not HTTP
  }
}
