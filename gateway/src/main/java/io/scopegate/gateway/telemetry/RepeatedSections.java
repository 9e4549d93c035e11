package io.scopegate.gateway.telemetry;

import io.netty.util.AsciiString;
import io.scopegate.gateway.json.JsonBytes;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The part of an access line that says who asked for what: the same for all calls of a collector's
 * connection, and more than half of the line. It is kept when it is repeated, as {@link
 * RepeatedTexts} keeps single texts. For one thread.
 */
final class RepeatedSections {
  private static final int SLOTS = 64; // a power of two

  /** Longer paths are rarely repeated, and should not be kept. */
  private static final int MOST_PATH = 256;

  /** So that all of them together take no more than 64 KiB. */
  private static final int MOST_BYTES = 1024;

  private final int[] seen = new int[SLOTS];
  private final @Nullable Kept[] kept = new Kept[SLOTS];
  private final BiConsumer<RequestRecord, JsonBytes> section;

  /** Writes this section, whose text follows from the fields that {@link Kept} compares. */
  RepeatedSections(BiConsumer<RequestRecord, JsonBytes> section) {
    this.section = section;
  }

  /** What one was written from, and what was written. */
  private static final class Kept {
    private final RequestRecord from;
    private final byte[] json;

    Kept(RequestRecord t, byte[] json) {
      RequestRecord copy = new RequestRecord(t.listener, t.client, t.tls, t.protocol, 0);
      copy.asked("kept", t.method(), t.path());
      copy.endpoint = t.endpoint;
      copy.tenant = t.tenant;
      copy.user = t.user;
      this.from = copy;
      this.json = json;
    }

    boolean isOf(RequestRecord t) {
      return from.client.equals(t.client)
          && same(from.path(), t.path())
          && from.tenant.equals(t.tenant)
          && from.user.equals(t.user)
          && from.endpoint == t.endpoint
          && same(from.method(), t.method())
          && from.listener.equals(t.listener)
          && from.protocol.equals(t.protocol)
          && from.tls == t.tls;
    }

    private static boolean same(CharSequence one, CharSequence other) {
      return one == other || one.equals(other);
    }
  }

  /** Appends the section of a request. */
  void append(RequestRecord t, JsonBytes out) {
    if (!isComparable(t.path()) || !isComparable(t.method())) {
      section.accept(t, out);
      return;
    }
    int hash = 31 * (31 * t.client.hashCode() + t.path().hashCode()) + t.tenant.hashCode();
    int slot = (hash ^ hash >>> 16 ^ hash >>> 8) & SLOTS - 1;
    Kept last = kept[slot];
    if (last != null && last.isOf(t)) {
      out.raw(last.json);
      return;
    }
    int start = out.length();
    section.accept(t, out);
    if (seen[slot] == hash && out.length() - start <= MOST_BYTES) {
      kept[slot] = new Kept(t, out.toByteArray(start));
    }
    seen[slot] = hash;
  }

  /** Texts that keep their hash, and do not change. */
  private static boolean isComparable(CharSequence text) {
    return text.length() <= MOST_PATH && (text instanceof String || text instanceof AsciiString);
  }
}
