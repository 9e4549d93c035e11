package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/**
 * Writes requests whose target has a character for each byte that the client sent. Netty's own
 * takes it for text and writes each byte above ASCII as two, so that a search for raw UTF-8 finds
 * nothing.
 */
final class Http1RequestEncoder extends HttpRequestEncoder {
  private static final byte[] VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);

  @Override
  protected void encodeInitialLine(ByteBuf out, HttpRequest request) {
    AsciiString method = request.method().asciiName();
    ByteBufUtil.copy(method, method.arrayOffset(), out, method.length());
    out.writeByte(' ');
    out.writeCharSequence(request.uri(), StandardCharsets.ISO_8859_1);
    out.writeBytes(VERSION);
  }
}
