package io.scopegate.gateway.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The upgrade to HTTP/2 in clear text, <a
 * href="https://datatracker.ietf.org/doc/html/rfc7540#section-3.2">RFC 7540 3.2</a>: still what
 * some tools send first. It looks at the first request of a connection only. Either that request
 * upgrades, and an HTTP/2 connection takes the place of all that is here, or this handler goes.
 *
 * <p>A request with a body stays HTTP/1.1, as the server may choose; the end of one without is read
 * together with its head.
 */
final class H2cUpgrade extends ChannelInboundHandlerAdapter {
  private final Supplier<Http2ServerConnection> successor;
  private @Nullable Http2Settings settings;
  private @Nullable Http2Headers head;

  /** Upgrades to what the supplier makes. */
  H2cUpgrade(Supplier<Http2ServerConnection> successor) {
    this.successor = successor;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    Http2Settings wanted = settings;
    Http2Headers first = head;
    if (wanted != null && first != null) {
      ReferenceCountUtil.release(msg); // the end of the request
      upgrade(ctx, wanted, first);
    } else if (!(msg instanceof HttpRequest r && accepts(r))) {
      ctx.pipeline().remove(this);
      ctx.fireChannelRead(msg);
    }
  }

  private boolean accepts(HttpRequest r) {
    HttpHeaders h = r.headers();
    List<String> values = h.getAll("HTTP2-Settings");
    if (values.size() != 1
        || !h.containsValue(HttpHeaderNames.UPGRADE, "h2c", true)
        || !h.containsValue(HttpHeaderNames.CONNECTION, "http2-settings", true)
        || Http1Heads.malformed(r) != null
        || !Http1Heads.isBodyless(r)) {
      return false;
    }
    settings = UpgradeSettings.parse(values.get(0));
    head = settings == null ? null : Heads.request(r);
    return head != null;
  }

  private void upgrade(ChannelHandlerContext ctx, Http2Settings wanted, Http2Headers first) {
    DefaultFullHttpResponse switching =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
    switching.headers().set(HttpHeaderNames.CONNECTION, "upgrade").set("upgrade", "h2c");
    ctx.writeAndFlush(switching);
    ChannelPipeline p = ctx.pipeline();
    p.remove(Http1ResponseEncoder.class); // frames would not pass it
    p.remove(Http1ServerConnection.class);
    Http2ServerConnection h2 = successor.get();
    p.replace(this, null, h2);
    try {
      h2.upgraded(p.context(h2), wanted, first);
    } catch (Http2Exception e) {
      ctx.close();
      return;
    }
    p.remove(Http1RequestDecoder.class); // hands on what it holds
  }
}
