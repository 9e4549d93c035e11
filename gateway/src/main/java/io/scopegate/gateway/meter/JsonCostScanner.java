package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a query cost in an answer as JSON: the numbers in {@code metrics} of the outermost
 * object, which protobuf's JSON writes as digits or, if they are long, as strings of digits. It knows
 * how deep it is, whether it is in a string, and the last short name, and nothing else; so its state
 * is the same for every answer. It does not check the JSON, which is Tempo's.
 */
final class JsonCostScanner extends MessageScanner implements ByteProcessor {
  private static final byte[] METRICS = "metrics".getBytes(StandardCharsets.US_ASCII);
  private static final int LONGEST_NAME = 24;
  private static final int NO_NAME = LONGEST_NAME + 1;
  private static final long MOST_BEFORE_A_DIGIT = (Long.MAX_VALUE - 9) / 10;

  private final QueryCost cost;
  private final byte[] name = new byte[LONGEST_NAME];
  private int nameLength = NO_NAME;
  private int depth;
  private boolean inString;
  private boolean escaped;

  /** Whether the value that comes next is that of {@code metrics}. */
  private boolean leads;

  private boolean inMetrics;
  private @Nullable QueryFigure figure;
  private long value;

  JsonCostScanner(QueryCost cost) {
    this.cost = cost;
  }

  @Override
  void read(ByteBuf source, int from, int to) {
    source.forEachByte(from, to - from, this);
  }

  @Override
  public boolean process(byte next) {
    if (!inString) {
      structure(next);
    } else if (escaped) {
      escaped = false;
      nameLength = NO_NAME;
    } else if (next == '"') {
      inString = false;
    } else if (next == '\\') {
      escaped = true;
    } else if (depth == (inMetrics ? 2 : 1)) {
      inWatchedString(next);
    }
    return true;
  }

  private void structure(byte next) {
    switch (next) {
      case '"' -> {
        inString = true;
        nameLength = 0;
      }
      case ':' -> colon();
      case ',' -> endOfValue();
      case '{' -> open(true);
      case '[' -> open(false);
      case '}', ']' -> close();
      default -> {
        if (figure != null && next > ' ') {
          digit(next);
        }
      }
    }
  }

  private void inWatchedString(byte next) {
    if (figure != null) {
      digit(next);
    } else if (nameLength < LONGEST_NAME) {
      name[nameLength] = next;
      nameLength++;
    } else {
      nameLength = NO_NAME;
    }
  }

  private void colon() {
    if (depth == 1) {
      leads = isMetrics();
    } else if (depth == 2 && inMetrics) {
      figure = nameLength == NO_NAME ? null : QueryFigure.named(name, nameLength);
      value = 0;
    }
  }

  private boolean isMetrics() {
    if (nameLength != METRICS.length) {
      return false;
    }
    for (int i = 0; i < METRICS.length; i++) {
      if (name[i] != METRICS[i]) {
        return false;
      }
    }
    return true;
  }

  private void digit(byte next) {
    if (next < '0' || next > '9' || value > MOST_BEFORE_A_DIGIT) {
      figure = null; // no whole number
    } else {
      value = value * 10 + (next - '0');
    }
  }

  private void open(boolean object) {
    figure = null;
    depth++;
    if (leads && object) {
      inMetrics = true;
      cost.found();
    }
    leads = false;
  }

  private void close() {
    endOfValue();
    depth--;
    if (depth < 2) {
      inMetrics = false;
    }
  }

  private void endOfValue() {
    if (figure != null) {
      cost.atLeast(figure, value);
      figure = null;
    }
    leads = false;
  }

  @Override
  void finish() {
    if (depth != 0 || inString) {
      stop();
    }
    depth = 0;
  }
}
