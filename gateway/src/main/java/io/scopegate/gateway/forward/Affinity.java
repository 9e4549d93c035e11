package io.scopegate.gateway.forward;

import org.jspecify.annotations.Nullable;

/**
 * Which requests go to the same server of an upstream, as long as it is well and has no more to do
 * than the others.
 */
public enum Affinity {
  /** None in particular: the less loaded of two. */
  NONE,
  /** Those of a tenant. */
  TENANT,
  /**
   * Those of a tenant that ask the same: by path and parameters, other than the times that change
   * with each refresh. What a gRPC call asks is in its body, so those go by tenant.
   */
  QUERY;

  /** What stands for no affinity. */
  static final long NO_KEY = 0;

  private static final long START = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  /**
   * What those that go together have in common.
   *
   * @param tenant as it is sent upstream
   * @param path with the query string
   * @param isGrpc whether it is a gRPC call
   */
  public long key(@Nullable CharSequence tenant, CharSequence path, boolean isGrpc) {
    if (this == NONE) {
      return NO_KEY;
    }
    long key = tenant == null ? START : hash(START, tenant, 0, tenant.length());
    if (this == QUERY && !isGrpc) {
      key = mixed(key) + asked(path);
    }
    key = mixed(key);
    return key == NO_KEY ? 1 : key;
  }

  /** The path, and each parameter in whatever order. */
  private static long asked(CharSequence path) {
    int length = path.length();
    int end = indexOf(path, '?', 0);
    long sum = mixed(hash(START, path, 0, end));
    for (int from = end + 1; from < length; from = end + 1) {
      end = indexOf(path, '&', from);
      if (!isTime(path, from, end)) {
        sum += mixed(hash(START, path, from, end));
      }
    }
    return sum;
  }

  private static int indexOf(CharSequence text, char wanted, int from) {
    for (int i = from; i < text.length(); i++) {
      if (text.charAt(i) == wanted) {
        return i;
      }
    }
    return text.length();
  }

  private static boolean isTime(CharSequence path, int from, int end) {
    return begins(path, from, end, "start=")
        || begins(path, from, end, "end=")
        || begins(path, from, end, "since=");
  }

  private static boolean begins(CharSequence path, int from, int end, String with) {
    if (end - from < with.length()) {
      return false;
    }
    for (int i = 0; i < with.length(); i++) {
      if (path.charAt(from + i) != with.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** FNV-1a of a part of a text. */
  static long hash(long start, CharSequence text, int from, int end) {
    long hash = start;
    for (int i = from; i < end; i++) {
      hash = (hash ^ text.charAt(i)) * PRIME;
    }
    return hash;
  }

  /** The hash of a whole text. */
  static long hash(CharSequence text) {
    return mixed(hash(START, text, 0, text.length()));
  }

  /** Spreads what differs in few bits over all of them. */
  static long mixed(long value) {
    long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
