package io.scopegate.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 frame by frame on a blocking socket, for either side. It answers SETTINGS and PING and
 * minds the windows it is given; credit it gives only as {@link #credits} says.
 */
final class H2Wire implements Closeable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int MAX_STREAMS = 3;
  static final int INITIAL_WINDOW = 4;

  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int ACK = 1;
  private static final int FRAME_HEADER = 9;
  private static final int MAX_FRAME = 16_384;
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  final Wire wire;

  /** Whether the credit for DATA is given back when it is read. */
  boolean credits = true;

  private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 20);
  private final List<Frame> kept = new ArrayList<>();
  private final Map<Integer, Integer> windows = new HashMap<>();
  private int window = 65_535;
  private int initialWindow = 65_535;
  private int nextStream = 1;

  /** What the peer said about concurrent streams. */
  int maxStreams = Integer.MAX_VALUE;

  /**
   * A frame.
   *
   * @param headers the decoded fields of HEADERS
   */
  record Frame(int type, int flags, int stream, byte[] payload, @Nullable Http2Headers headers) {
    boolean end() {
      return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }

    /** The error code of RST_STREAM, or of GOAWAY. */
    int code() {
      return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
    }

    /** The last stream of GOAWAY. */
    int lastStream() {
      return ByteBuffer.wrap(payload).getInt(0);
    }

    String field(String name) {
      CharSequence value = headers == null ? null : headers.get(name);
      return value == null ? "" : value.toString();
    }
  }

  /**
   * A complete answer, or a request.
   *
   * @param trailers null when there were none
   */
  record Message(Http2Headers head, byte[] body, @Nullable Http2Headers trailers) {
    int status() {
      return Integer.parseInt(head.status().toString());
    }

    String field(String name) {
      CharSequence value = head.get(name);
      return value == null ? "" : value.toString();
    }

    String trailer(String name) {
      CharSequence value = trailers == null ? null : trailers.get(name);
      return value == null ? "" : value.toString();
    }

    /** In the head when there are only trailers. */
    String grpcStatus() {
      return trailers == null ? field("grpc-status") : trailer("grpc-status");
    }
  }

  private H2Wire(Wire wire) {
    this.wire = wire;
  }

  /** The client's part: preface and settings, given as pairs of id and value. */
  static H2Wire client(Wire wire, int... settings) throws IOException {
    H2Wire h2 = new H2Wire(wire);
    wire.write(PREFACE);
    h2.settings(settings);
    return h2;
  }

  /** Connects in clear text with prior knowledge. */
  static H2Wire connect(int port, int... settings) throws IOException {
    return client(Wire.connect(port), settings);
  }

  /** Takes over where HTTP/1.1 was upgraded; stream 1 is under way. */
  static H2Wire upgraded(Wire wire) throws IOException {
    H2Wire h2 = client(wire);
    h2.nextStream = 3;
    return h2;
  }

  /** The server's part. */
  static H2Wire server(Wire wire, int... settings) throws IOException {
    wire.read(PREFACE.length());
    H2Wire h2 = new H2Wire(wire);
    h2.settings(settings);
    return h2;
  }

  // ---- sending

  void settings(int... pairs) throws IOException {
    ByteBuffer payload = ByteBuffer.allocate(pairs.length * 3);
    for (int i = 0; i < pairs.length; i += 2) {
      payload.putShort((short) pairs[i]).putInt(pairs[i + 1]);
    }
    frame(SETTINGS, 0, 0, payload.array());
  }

  void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    wire.write(bytes(type, flags, stream, payload));
  }

  /** A frame as bytes, to send many at once. */
  static byte[] bytes(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(FRAME_HEADER + payload.length)
        .put((byte) (payload.length >> 16))
        .put((byte) (payload.length >> 8))
        .put((byte) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  static byte[] intBytes(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  /** Fields by name and value, in this order; nothing is checked. */
  static Http2Headers fields(String... pairs) {
    Http2Headers h = new DefaultHttp2Headers(false);
    for (int i = 0; i < pairs.length; i += 2) {
      h.add(pairs[i], pairs[i + 1]);
    }
    return h;
  }

  byte[] block(Http2Headers h) throws IOException {
    ByteBuf out = Unpooled.buffer();
    try {
      encoder.encodeHeaders(1, h, out);
      return ByteBufUtil.getBytes(out);
    } catch (Http2Exception e) {
      throw new IOException(e);
    } finally {
      out.release();
    }
  }

  void headers(int stream, Http2Headers h, boolean end) throws IOException {
    wire.write(headerBytes(stream, h, end));
  }

  byte[] headerBytes(int stream, Http2Headers h, boolean end) throws IOException {
    byte[] block = block(h);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int type = HEADERS;
    int at = 0;
    do {
      int n = Math.min(MAX_FRAME, block.length - at);
      byte[] part = java.util.Arrays.copyOfRange(block, at, at + n);
      at += n;
      int flags = at == block.length ? END_HEADERS : 0;
      out.write(bytes(type, flags | (type == HEADERS && end ? END_STREAM : 0), stream, part));
      type = CONTINUATION;
    } while (at < block.length);
    return out.toByteArray();
  }

  /** Opens a stream. */
  int request(Http2Headers h, boolean end) throws IOException {
    int id = nextStream;
    nextStream += 2;
    headers(id, h, end);
    return id;
  }

  /** The stream that comes next was opened by bytes of the test's own. */
  void skipStreams(int count) {
    nextStream += 2 * count;
  }

  /** Sends body bytes as the windows allow. */
  void data(int stream, byte[] bytes, boolean end) throws IOException {
    int at = 0;
    do {
      int n = Math.min(Math.min(MAX_FRAME, bytes.length - at), room(stream));
      if (n > 0 || bytes.length == at) {
        boolean last = at + n == bytes.length;
        byte[] part = java.util.Arrays.copyOfRange(bytes, at, at + n);
        frame(DATA, last && end ? END_STREAM : 0, stream, part);
        window -= n;
        windows.merge(stream, -n, Integer::sum);
        at += n;
      } else {
        kept.add(readFrame());
      }
    } while (at < bytes.length);
  }

  /** How much may be sent now. */
  int room(int stream) {
    return Math.min(window, initialWindow + windows.getOrDefault(stream, 0));
  }

  void reset(int stream, int code) throws IOException {
    frame(RST, 0, stream, intBytes(code));
  }

  void goAway(int lastStream, int code) throws IOException {
    frame(GOAWAY, 0, 0, ByteBuffer.allocate(8).putInt(lastStream).putInt(code).array());
  }

  void credit(int stream, int n) throws IOException {
    frame(WINDOW_UPDATE, 0, stream, intBytes(n));
  }

  /** A complete small response. */
  void respond(int stream, String body, String... fields) throws IOException {
    Http2Headers h = fields(fields);
    headers(stream, h.contains(":status") ? h : prepend(h), false);
    data(stream, body.getBytes(StandardCharsets.ISO_8859_1), true);
  }

  private static Http2Headers prepend(Http2Headers h) {
    return fields(":status", "200").add(h);
  }

  /** Makes sure that the peer has read everything: a PING that came back. */
  void roundTrip() throws IOException {
    frame(PING, 0, 0, "roundtri".getBytes(StandardCharsets.ISO_8859_1));
    await(f -> f.type == PING && (f.flags & ACK) != 0);
  }

  // ---- reading

  /** The next frame of this kind on this stream; others are kept. */
  Frame await(int type, int stream) throws IOException {
    return await(f -> f.type == type && f.stream == stream);
  }

  /** The next frame on this stream. */
  Frame next(int stream) throws IOException {
    return await(f -> f.stream == stream && f.type != WINDOW_UPDATE);
  }

  /** The next stream that the peer opens. */
  Frame opened() throws IOException {
    return await(f -> f.type == HEADERS && f.headers != null && f.headers.method() != null);
  }

  /** How many streams the peer has opened that were not looked at. */
  int waiting() {
    return (int) kept.stream().filter(f -> f.type == HEADERS).count();
  }

  Frame await(Predicate<Frame> wanted) throws IOException {
    for (Iterator<Frame> i = kept.iterator(); i.hasNext(); ) {
      Frame f = i.next();
      if (wanted.test(f)) {
        i.remove();
        return f;
      }
    }
    for (; ; ) {
      Frame f = readFrame();
      if (wanted.test(f)) {
        return f;
      }
      kept.add(f);
    }
  }

  /** A whole message on this stream; interim heads are left out. */
  Message message(int stream) throws IOException {
    Frame head;
    do {
      head = next(stream);
      if (head.type == RST) {
        throw new IOException("reset with " + head.code());
      }
    } while (head.field(":status").startsWith("1"));
    return rest(stream, head);
  }

  /** The rest of a message. */
  Message rest(int stream, Frame head) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    Http2Headers trailers = null;
    for (boolean end = head.end(); !end; ) {
      Frame f = next(stream);
      switch (f.type) {
        case DATA -> body.write(f.payload);
        case HEADERS -> trailers = f.headers;
        default -> throw new IOException("frame " + f.type + ", code " + f.code());
      }
      end = f.end();
    }
    return new Message(head.headers, body.toByteArray(), trailers);
  }

  /** GOAWAY, then the end of the connection; the GOAWAY's code, or -1 when there was none. */
  int awaitEnd() {
    int code = -1;
    try {
      for (; ; ) {
        Frame f = kept.isEmpty() ? readFrame() : kept.remove(0);
        if (f.type == GOAWAY) {
          code = f.code();
        }
      }
    } catch (SocketTimeoutException stillOpen) {
      throw new AssertionError("the connection is still open, GOAWAY: " + code, stillOpen);
    } catch (IOException end) {
      return code;
    }
  }

  Frame readFrame() throws IOException {
    ByteBuffer head = ByteBuffer.wrap(wire.read(FRAME_HEADER));
    int length = (head.get() & 0xff) << 16 | (head.get() & 0xff) << 8 | head.get() & 0xff;
    int type = head.get();
    int flags = head.get();
    int stream = head.getInt() & Integer.MAX_VALUE;
    byte[] payload = wire.read(length);
    Http2Headers fields = type == HEADERS ? decode(stream, flags, payload) : null;
    handle(type, flags, stream, payload);
    return new Frame(type, flags, stream, payload, fields);
  }

  private Http2Headers decode(int stream, int flags, byte[] first) throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    boolean weighted = (flags & 0x20) != 0;
    block.write(first, weighted ? 5 : 0, weighted ? first.length - 5 : first.length);
    int now = flags;
    while ((now & END_HEADERS) == 0) {
      ByteBuffer head = ByteBuffer.wrap(wire.read(FRAME_HEADER));
      int length = (head.get() & 0xff) << 16 | (head.get() & 0xff) << 8 | head.get() & 0xff;
      head.get();
      now = head.get();
      block.write(wire.read(length));
    }
    ByteBuf in = Unpooled.wrappedBuffer(block.toByteArray());
    try {
      return decoder.decodeHeaders(stream, in);
    } catch (Http2Exception e) {
      throw new IOException(e);
    } finally {
      in.release();
    }
  }

  private void handle(int type, int flags, int stream, byte[] payload) throws IOException {
    switch (type) {
      case SETTINGS -> {
        if ((flags & ACK) == 0) {
          readSettings(ByteBuffer.wrap(payload));
          frame(SETTINGS, ACK, 0, new byte[0]);
        }
      }
      case PING -> {
        if ((flags & ACK) == 0) {
          frame(PING, ACK, 0, payload);
        }
      }
      case WINDOW_UPDATE -> {
        int n = ByteBuffer.wrap(payload).getInt();
        if (stream == 0) {
          window += n;
        } else {
          windows.merge(stream, n, Integer::sum);
        }
      }
      case DATA -> {
        if (credits && payload.length > 0) {
          credit(stream, payload.length);
          credit(0, payload.length);
        }
      }
      default -> {}
    }
  }

  private void readSettings(ByteBuffer pairs) {
    while (pairs.hasRemaining()) {
      int id = pairs.getShort();
      int value = pairs.getInt();
      if (id == INITIAL_WINDOW) {
        initialWindow = value;
      } else if (id == MAX_STREAMS) {
        maxStreams = value;
      }
    }
  }

  @Override
  public void close() throws IOException {
    wire.close();
    encoder.close();
  }
}
