package io.scopegate.authz.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class LinesTest {
  private final List<String> heard = new ArrayList<>();

  private void feed(Lines lines, String text) throws IOException {
    lines.feed(
        ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)),
        line -> heard.add(new String(line, StandardCharsets.UTF_8)));
  }

  @Property
  void cutsTheSameHoweverTheBytesCome(
      @ForAll @Size(max = 50) List<@IntRange(max = 9000) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 5000) int step)
      throws IOException {
    List<String> wanted = lengths.stream().map("x"::repeat).toList();
    String all = String.join("\n", wanted) + "\n";
    heard.clear();
    Lines lines = new Lines(9000);
    for (int i = 0; i < all.length(); i += step) {
      feed(lines, all.substring(i, Math.min(all.length(), i + step)));
    }
    assertThat(heard).isEqualTo(wanted.stream().filter(line -> !line.isEmpty()).toList());
  }

  @Test
  void aLineThatDoesNotEndIsTooLongSometime() throws IOException {
    Lines lines = new Lines(10);
    feed(lines, "0123456789\n0123456");
    assertThat(heard).containsExactly("0123456789");
    assertThatThrownBy(() -> feed(lines, "7890\n")).isInstanceOf(IOException.class);
  }
}
