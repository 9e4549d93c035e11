package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compresses heads. What differs from one message to the next stays out of the dynamic table: each
 * such field would push out one that comes again (<a
 * href="https://datatracker.ietf.org/doc/html/rfc7541#section-4.4">RFC 7541 4.4</a>). And a head
 * that comes again, but for such fields, is copied from what it was the last time: while nothing
 * enters the table, the same fields are the same bytes.
 */
final class HeadEncoder extends DefaultHttp2HeadersEncoder {
  /** What is remembered of our heads for a peer, whatever more it would take. */
  private static final long MOST_TABLE_BYTES = Http2CodecUtil.DEFAULT_HEADER_TABLE_SIZE;

  /** A head that comes again is a byte or two for each field. */
  private static final int MOST_BLOCK_BYTES = 128;

  /** Of a head's fields, as RFC 9113 6.5.2 counts them: its texts are kept. */
  private static final int MOST_LIST_BYTES = 1024;

  private static final int FIELD_BYTES = 32;
  private static final int MOST_FIELDS = 24;
  private static final int TOO_MANY = MOST_LIST_BYTES + 1;

  /** A length that fits one byte. */
  private static final int MOST_PLAIN = 126;

  private static final int NEVER_INDEXED = 0x10;
  private static final int CONTENT_LENGTH_INDEX = 28; // in the static table

  private static final @Nullable KnownHead[] NONE = {};

  /**
   * A head that can be copied.
   *
   * @param size all its fields, those that differ each time included
   * @param fields names and values in turn, without those that differ
   * @param listBytes of these fields
   */
  private record KnownHead(int size, CharSequence[] fields, int listBytes, byte[] block) {
    /** Of so many names, values and bytes, which are still to be filled in. */
    KnownHead(int size, int fields, int listBytes, int block) {
      this(size, new CharSequence[fields], listBytes, new byte[block]);
    }
  }

  private final int most;
  private final BlockOutline outline = new BlockOutline(Unpooled.EMPTY_BUFFER);
  private @Nullable KnownHead[] known = NONE;
  private int oldest;

  /** How many bytes the fields have of the last head whose block was too large to be kept. */
  private int tooLarge;

  /**
   * For one connection.
   *
   * @param most how many heads are remembered
   */
  HeadEncoder(int most) {
    super((name, value) -> differs(name));
    this.most = most;
  }

  /** Whether a field has another value each time. */
  private static boolean differs(CharSequence name) {
    return switch (name.length()) {
      case 11 -> AsciiString.contentEquals("traceparent", name);
      case 12 ->
          AsciiString.contentEquals("x-request-id", name)
              || AsciiString.contentEquals("grpc-message", name)
              || AsciiString.contentEquals("grpc-timeout", name);
      case 14 -> AsciiString.contentEquals("content-length", name);
      case 23 -> AsciiString.contentEquals("grpc-status-details-bin", name);
      default -> false;
    };
  }

  /** The size of the table is a peer's wish: the memory is ours. */
  @Override
  public void maxHeaderTableSize(long max) throws Http2Exception {
    known = NONE;
    tooLarge = 0;
    super.maxHeaderTableSize(Math.min(max, MOST_TABLE_BYTES));
  }

  @Override
  public void encodeHeaders(int streamId, Http2Headers head, ByteBuf out) throws Http2Exception {
    for (KnownHead one : known) {
      if (one != null && one.size == head.size() && copy(one, head, out)) {
        return;
      }
    }
    int start = out.writerIndex();
    super.encodeHeaders(streamId, head, out);
    int listBytes = listBytes(head);
    boolean learns = listBytes < TOO_MANY && listBytes != tooLarge;
    if (!learns && known.length == 0) {
      return; // nothing to learn, nothing to forget
    }
    if (changesTable(out, start)) {
      known = NONE;
    } else if (learns) {
      learn(head, out, start, listBytes);
    }
  }

  // ---- heads that come again

  /** Writes a known head if it is this one; else nothing. */
  private boolean copy(KnownHead one, Http2Headers head, ByteBuf out) {
    int start = out.writerIndex();
    out.writeBytes(one.block);
    CharSequence[] fields = one.fields;
    int i = 0;
    long listBytes = one.listBytes;
    for (Map.Entry<CharSequence, CharSequence> field : head) {
      CharSequence name = field.getKey();
      CharSequence value = field.getValue();
      if (i < fields.length && same(fields[i], name) && same(fields[i + 1], value)) {
        i += 2;
      } else if (differs(name) && value.length() <= MOST_PLAIN) {
        listBytes += name.length() + value.length() + FIELD_BYTES;
        literal(name, value, out);
      } else {
        i = 0;
        break;
      }
    }
    if (i == fields.length && i > 0 && listBytes <= maxHeaderListSize()) {
      return true;
    }
    out.writerIndex(start);
    return false;
  }

  private static boolean same(CharSequence a, CharSequence b) {
    return a == b || a.length() == b.length() && AsciiString.contentEquals(a, b);
  }

  private static void literal(CharSequence name, CharSequence value, ByteBuf out) {
    if (name.length() == 14) {
      out.writeByte(NEVER_INDEXED | 15).writeByte(CONTENT_LENGTH_INDEX - 15);
    } else {
      out.writeByte(NEVER_INDEXED);
      text(name, out);
    }
    text(value, out);
  }

  private static void text(CharSequence text, ByteBuf out) {
    out.writeByte(text.length());
    if (text instanceof AsciiString ascii) {
      out.writeBytes(ascii.array(), ascii.arrayOffset(), ascii.length());
    } else {
      out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    }
  }

  // ---- what is learned of others

  /** Whether a block adds to the table, or resizes it: what was the same bytes is not any more. */
  private boolean changesTable(ByteBuf out, int start) {
    outline.begin(out, start);
    while (true) {
      switch (outline.next()) {
        case INDEXED, PLAIN -> {}
        case ADDED, RESIZED -> {
          return true;
        }
        case NONE -> {
          return !outline.isAtEnd();
        }
      }
    }
  }

  /** The bytes of the fields that would be kept; {@link #TOO_MANY} when they are not to be. */
  private int listBytes(Http2Headers head) {
    if (maxHeaderTableSize() == 0 || head.size() > MOST_FIELDS) {
      return TOO_MANY;
    }
    int bytes = 0;
    for (Map.Entry<CharSequence, CharSequence> field : head) {
      CharSequence name = field.getKey();
      CharSequence value = field.getValue();
      if (!differs(name)) {
        bytes += name.length() + value.length() + FIELD_BYTES;
        if (bytes > MOST_LIST_BYTES || !isImmutable(name) || !isImmutable(value)) {
          return TOO_MANY;
        }
      }
    }
    return bytes;
  }

  /** Measures the block first: one that is too large costs no memory each time that it comes. */
  private void learn(Http2Headers head, ByteBuf out, int start, int listBytes) {
    int count = 0;
    int length = 0;
    outline.begin(out, start);
    for (Map.Entry<CharSequence, CharSequence> field : head) {
      outline.next();
      if (!differs(field.getKey())) {
        length += outline.end() - outline.start();
        count += 2;
      }
    }
    if (length > MOST_BLOCK_BYTES) {
      tooLarge = listBytes;
    } else {
      add(known(head, out, start, new KnownHead(head.size(), count, listBytes, length)));
    }
  }

  private KnownHead known(Http2Headers head, ByteBuf out, int start, KnownHead empty) {
    int i = 0;
    int at = 0;
    outline.begin(out, start);
    for (Map.Entry<CharSequence, CharSequence> field : head) {
      outline.next();
      if (!differs(field.getKey())) {
        int n = outline.end() - outline.start();
        out.getBytes(outline.start(), empty.block, at, n);
        at += n;
        empty.fields[i++] = field.getKey();
        empty.fields[i++] = field.getValue();
      }
    }
    return empty;
  }

  private static boolean isImmutable(CharSequence text) {
    return text instanceof AsciiString || text instanceof String;
  }

  private void add(KnownHead one) {
    if (known.length == 0) {
      known = new KnownHead[most];
      oldest = 0;
    }
    known[oldest] = one;
    oldest = (oldest + 1) % most;
  }
}
