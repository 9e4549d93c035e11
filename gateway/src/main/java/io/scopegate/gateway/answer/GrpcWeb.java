package io.scopegate.gateway.answer;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Between gRPC and <a
 * href="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md">gRPC-Web</a> in its binary
 * form: messages are the same, the content type differs, and what are trailers in gRPC is one more
 * frame at the end of the body.
 */
public final class GrpcWeb {
  private static final AsciiString CONTENT_TYPE = HttpHeaderNames.CONTENT_TYPE;
  private static final AsciiString GRPC = AsciiString.cached("application/grpc");
  private static final AsciiString WEB = AsciiString.cached("application/grpc-web");
  private static final AsciiString X_GRPC_WEB = AsciiString.cached("x-grpc-web");
  private static final AsciiString TE = HttpHeaderNames.TE;
  private static final AsciiString TRAILERS = HttpHeaderValues.TRAILERS;
  private static final int HEADER_BYTES = 5;
  private static final byte TRAILERS_FRAME = (byte) 0x80;

  private GrpcWeb() {}

  /** Makes a request's head that of a gRPC call. */
  public static void toGrpc(Http2Headers head) {
    CharSequence type = head.get(CONTENT_TYPE);
    if (type != null) {
      head.set(CONTENT_TYPE, GRPC.concat(type.subSequence(WEB.length(), type.length())));
    }
    head.remove(X_GRPC_WEB);
    head.set(TE, TRAILERS);
  }

  /**
   * Makes the head of an answer to a gRPC call one that a browser's client understands.
   *
   * @param end whether it has no body: then it holds what else would be trailers
   * @return these as the body; null when there is a body, or when it is no answer to a call
   */
  public static byte @Nullable [] toWeb(Http2Headers head, boolean end) {
    CharSequence type = head.get(CONTENT_TYPE);
    if (type == null || !isGrpc(type)) {
      return null; // somebody in between, who says it by the HTTP status
    }
    head.set(CONTENT_TYPE, WEB.concat(type.subSequence(GRPC.length(), type.length())));
    head.remove(HttpHeaderNames.CONTENT_LENGTH);
    return end ? moved(head) : null;
  }

  private static boolean isGrpc(CharSequence type) {
    return AsciiString.of(type).startsWith(GRPC)
        && (type.length() == GRPC.length() || type.charAt(GRPC.length()) != '-');
  }

  private static byte[] moved(Http2Headers head) {
    byte[] frame = frame(head, true);
    for (AsciiString name :
        List.of(Answers.GRPC_STATUS, Answers.GRPC_MESSAGE, Answers.GRPC_DETAILS)) {
      head.remove(name);
    }
    return frame;
  }

  /** Trailers as the last frame of a body. */
  public static byte[] frame(Http2Headers trailers) {
    return frame(trailers, false);
  }

  private static byte[] frame(Http2Headers fields, boolean statusOnly) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(128);
    out.writeBytes(new byte[HEADER_BYTES]);
    for (Map.Entry<CharSequence, CharSequence> field : fields) {
      CharSequence name = field.getKey();
      if (statusOnly ? isStatus(name) : name.charAt(0) != ':') {
        out.writeBytes(AsciiString.of(name).toByteArray());
        out.write(':');
        out.write(' ');
        out.writeBytes(AsciiString.of(field.getValue()).toByteArray());
        out.write('\r');
        out.write('\n');
      }
    }
    byte[] frame = out.toByteArray();
    ByteBuffer.wrap(frame).put(TRAILERS_FRAME).putInt(frame.length - HEADER_BYTES);
    return frame;
  }

  private static boolean isStatus(CharSequence name) {
    return Answers.GRPC_STATUS.contentEquals(name)
        || Answers.GRPC_MESSAGE.contentEquals(name)
        || Answers.GRPC_DETAILS.contentEquals(name);
  }
}
