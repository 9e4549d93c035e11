package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TimeOrderTest {
  private final TimeOrder order = new TimeOrder();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private String drained(String text) throws IOException {
    order.write(text.getBytes(StandardCharsets.UTF_8));
    out.reset();
    order.drainTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void sortsLinesByTheirTimes() throws IOException {
    assertThat(
            drained(
                """
                2026-11-29T08:44:36.464Z b
                2026-11-29T08:44:36.500Z c
                2026-11-29T08:44:36.443Z a
                """))
        .isEqualTo(
            """
            2026-11-29T08:44:36.443Z a
            2026-11-29T08:44:36.464Z b
            2026-11-29T08:44:36.500Z c
            """);
  }

  @Test
  void linesOfOneTimeStayAsTheyCameAndStackTracesWithTheirLine() throws IOException {
    String text =
        """
        2026-11-29T08:44:36.443Z z
          at one
          at two
        2026-11-29T08:44:36.443Z a
        """;
    assertThat(drained(text)).isEqualTo(text);
    assertThat(drained("2026-11-29T08:44:36.444Z y\n" + text))
        .isEqualTo(text + "2026-11-29T08:44:36.444Z y\n");
  }

  @Test
  void keepsNothingOfWhatWasDrained() throws IOException {
    assertThat(drained("2026-11-29T08:44:36.443Z a\n")).hasSize(27);
    assertThat(drained("")).isEmpty();
  }
}
