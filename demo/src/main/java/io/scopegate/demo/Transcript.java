package io.scopegate.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** What the demo prints, and how many of its checks passed. */
final class Transcript {
  private static final int WIDTH = 96;

  private final PrintStream out;
  private int held;
  private int differed;
  private int step;

  Transcript(PrintStream out) {
    this.out = out;
  }

  void title(String text) {
    out.println(text);
    out.println();
  }

  /** Begins a part of the walk. */
  void step(String text) {
    step++;
    out.println();
    out.println(step + ". " + text);
  }

  /** A check that must hold. */
  void claim(boolean holds, String text) {
    if (holds) {
      held++;
    } else {
      differed++;
    }
    out.println("   " + (holds ? "✓ " : "✗ ") + text);
  }

  /** A remark; long texts are broken between words. */
  void note(String text) {
    StringBuilder line = new StringBuilder("    ");
    for (String word : text.strip().split("\\s+")) {
      if (line.length() + 1 + word.length() > WIDTH && line.length() > 4) {
        out.println(line);
        line.setLength(4);
      }
      line.append(' ').append(word);
    }
    out.println(line);
  }

  /** A line as it is. */
  void line(String text) {
    out.println(text);
  }

  boolean isAsExpected() {
    return differed == 0 && held > 0;
  }

  void summary(Duration took) {
    String seconds = String.format(Locale.ROOT, "%.1f s", took.toMillis() / 1000.0);
    out.println();
    out.println(
        isAsExpected()
            ? "✓ all %d checks passed, in %s".formatted(held, seconds)
            : "✗ %d of %d checks failed".formatted(differed, held + differed));
  }
}
