package io.scopegate.gateway.telemetry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Brings lines of several threads into the order of their times: each begins with a {@link
 * Timestamp}, or with a space when it belongs to the line before. Only what is written in one go is
 * sorted, which is what came within a twentieth of a second.
 */
final class TimeOrder extends ByteArrayOutputStream {
  /** {@code 2026-11-29T08:44:36.443Z}. */
  private static final int TIME_BYTES = 24;

  /** Writes everything in order, and keeps nothing of it. */
  void drainTo(OutputStream out) throws IOException {
    if (count == 0) {
      return;
    }
    try {
      for (Line line : sorted()) {
        out.write(buf, line.from, line.to - line.from);
      }
    } finally {
      reset();
    }
  }

  private record Line(int from, int to) {}

  private List<Line> sorted() {
    List<Line> lines = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < count; i++) {
      if (buf[i] == '\n' && (i + 1 == count || buf[i + 1] != ' ')) {
        lines.add(new Line(from, i + 1));
        from = i + 1;
      }
    }
    if (from < count) {
      lines.add(new Line(from, count));
    }
    lines.sort((a, b) -> Arrays.compareUnsigned(buf, a.from, timeEnd(a), buf, b.from, timeEnd(b)));
    return lines;
  }

  private static int timeEnd(Line line) {
    return Math.min(line.to, line.from + TIME_BYTES);
  }
}
