package io.scopegate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever a file holds, loading it ends in a value or in problems. */
class LoaderPropertyTest {
  private final ConfigLoader<Sample> loader =
      new ConfigLoader<>(Sample.class, name -> "A".equals(name) ? "[" : null);

  @Property
  void anyBytesEndInAValueOrInProblems(@ForAll byte[] bytes) {
    assertValueOrProblems(bytes);
  }

  @Property
  void anyTextEndsInAValueOrInProblems(@ForAll String text) {
    assertValueOrProblems(text.getBytes(StandardCharsets.UTF_8));
  }

  @Property(tries = 3000)
  void anyPiecesOfYamlEndInAValueOrInProblems(@ForAll("pieces") List<String> pieces) {
    assertValueOrProblems(String.join("", pieces).getBytes(StandardCharsets.UTF_8));
  }

  @Provide
  Arbitrary<List<String>> pieces() {
    return Arbitraries.of(
            "name",
            "count",
            "rooms",
            "lamp",
            "door",
            "brightness",
            "static",
            "later",
            "words",
            "colours",
            "red",
            "green",
            ": ",
            "\n",
            "\n  ",
            "\n    ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            ", ",
            "\"",
            "'",
            "&a ",
            "*a",
            "!!str ",
            "!x ",
            "? ",
            "| \n",
            ">-\n",
            "#",
            "---\n",
            "...\n",
            "${A}",
            "${",
            "$${",
            "${AB:-x}",
            "null",
            "~",
            "1",
            "-1",
            "2m",
            "a:1",
            "<<",
            "%YAML 1.2\n",
            "\t",
            "\u0000",
            "\ud83d\ude00",
            "\u2028",
            "\ufeff",
            "\\",
            "\\x41")
        .list()
        .ofMaxSize(40);
  }

  private void assertValueOrProblems(byte[] bytes) {
    Loaded<Sample> loaded = loader.parse("f", bytes);

    assertThat(loaded.isValid()).isEqualTo(loaded.problems().isEmpty());
    if (loaded.isValid()) {
      assertThat(loaded.value()).isNotNull();
    } else {
      assertThat(loaded.problems())
          .allSatisfy(p -> assertThat(p.toString().lines()).as("one line: %s", p).hasSize(1));
    }
  }
}
