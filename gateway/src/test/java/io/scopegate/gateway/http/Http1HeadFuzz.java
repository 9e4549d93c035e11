package io.scopegate.gateway.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.ReferenceCountUtil;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A head of HTTP/1.1 that is taken becomes one that cannot be read in two ways further on. */
public final class Http1HeadFuzz {
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "transfer-encoding",
          "upgrade",
          "http2-settings",
          "expect",
          "host");

  private Http1HeadFuzz() {}

  /** What a client sends first. */
  public static void fuzzerTestOneInput(byte[] data) {
    EmbeddedChannel channel =
        new EmbeddedChannel(new HttpRequestDecoder(Http1RequestDecoder.config(32 << 10)));
    try {
      channel.writeInbound(Unpooled.wrappedBuffer(data));
      for (Object read; (read = channel.readInbound()) != null; ReferenceCountUtil.release(read)) {
        if (read instanceof HttpRequest request && request.decoderResult().isSuccess()) {
          check(Heads.request(request));
        }
      }
    } finally {
      channel.finishAndReleaseAll();
    }
  }

  private static void check(Http2Headers head) {
    if (head == null) {
      return; // its target names no path
    }
    must(head.method() != null && head.path() != null && head.path().charAt(0) == '/', head);
    for (Map.Entry<CharSequence, CharSequence> field : head) {
      String name = field.getKey().toString();
      String value = field.getValue().toString();
      must(name.equals(name.toLowerCase(Locale.ROOT)) && !HOP_BY_HOP.contains(name), head);
      must(value.indexOf('\r') < 0 && value.indexOf('\n') < 0, head);
      // what else may not stand in a path or a host is found when the request is routed
      must(name.startsWith(":") || value.indexOf('\0') < 0, head);
    }
    HttpHeaders again = Heads.http1(head);
    must(HOP_BY_HOP.stream().noneMatch(again::contains), head);
  }

  private static void must(boolean holds, Http2Headers head) {
    if (!holds) {
      throw new AssertionError("taken: " + head);
    }
  }
}
