package io.scopegate.e2e.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * One connection of HTTP/2 that sends exactly the frames it is given and shows those that come.
 * Blocking; for one thread.
 */
public final class RawHttp2 implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Socket socket;
  private final DataInputStream in;
  private final DefaultHttp2HeadersDecoder heads = new DefaultHttp2HeadersDecoder(false);

  private RawHttp2(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
    this.in = new DataInputStream(socket.getInputStream());
  }

  /** Connects in clear text, by prior knowledge. */
  public static RawHttp2 connect(int port, int... settings) throws IOException {
    return new RawHttp2(socket(port)).send(Frames.opening(settings));
  }

  /** Connects over TLS, by ALPN. */
  public static RawHttp2 connect(int port, SSLSocketFactory tls, int... settings)
      throws IOException {
    SSLSocket socket = (SSLSocket) tls.createSocket(socket(port), "localhost", port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return new RawHttp2(socket).send(Frames.opening(settings));
  }

  /** Connects in clear text by Upgrade; the request that asked for it is stream 1. */
  public static RawHttp2 upgrade(int port, int... settings) throws IOException {
    RawHttp2 raw = new RawHttp2(socket(port)).send(upgradeRequest(settings));
    StringBuilder answer = new StringBuilder();
    while (answer.indexOf("\r\n\r\n") < 0) {
      answer.append((char) raw.in.readUnsignedByte());
    }
    if (!answer.toString().startsWith("HTTP/1.1 101")) {
      throw new IOException("not upgraded: " + answer);
    }
    return raw.send(Frames.opening(settings));
  }

  /** What asks for HTTP/2 in HTTP/1.1. */
  public static byte[] upgradeRequest(int... settings) {
    String encoded =
        Base64.getUrlEncoder().withoutPadding().encodeToString(Frames.settings(settings));
    return ("GET /api/search HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
            + "Upgrade: h2c\r\nHTTP2-Settings: "
            + encoded
            + "\r\n\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Socket socket(int port) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  /** Sends these bytes. */
  public RawHttp2 send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  /** The next frame. */
  public Frame read() throws IOException {
    int head = in.readInt();
    int flags = in.readUnsignedByte();
    int stream = in.readInt() & Integer.MAX_VALUE;
    Frame frame = new Frame(head & 0xff, flags, stream, Unpooled.buffer(head >>> 8));
    frame.payload().writeBytes(in.readNBytes(head >>> 8));
    return frame;
  }

  /**
   * How a stream ends or begins to be answered: its status, {@code reset N} or {@code goaway N}.
   * Everything else that comes before is left out.
   */
  public String outcome(int stream) throws IOException {
    while (true) {
      Frame frame = read();
      if (frame.type() == Frames.HEADERS) {
        CharSequence status = head(frame).status();
        if (frame.stream() == stream) {
          return String.valueOf(status);
        }
      } else if (frame.type() == Frames.RST_STREAM && frame.stream() == stream) {
        return "reset " + frame.payload().getInt(0);
      } else if (frame.type() == Frames.GOAWAY) {
        return "goaway " + frame.payload().getInt(4);
      }
    }
  }

  /** The fields of a HEADERS frame, which has to be whole. */
  public Http2Headers head(Frame frame) throws IOException {
    try {
      return heads.decodeHeaders(frame.stream(), frame.payload());
    } catch (Http2Exception e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /**
   * A frame that came.
   *
   * @param type one of {@link Frames}
   * @param flags its flags
   * @param stream its stream
   * @param payload its payload
   */
  public record Frame(int type, int flags, int stream, ByteBuf payload) {}
}
