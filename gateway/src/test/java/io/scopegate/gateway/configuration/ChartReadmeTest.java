package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The table of values in the chart's README is what the comments of values.yaml say. With {@code
 * -Dscopegate.docs.write} the README is brought up to date instead.
 */
final class ChartReadmeTest {
  private static final Path CHART = Path.of("../deploy/helm/scopegate");
  private static final Path README = CHART.resolve("README.md");
  private static final String BEGIN = "<!-- values: begin -->\n";
  private static final String END = "<!-- values: end -->\n";

  private static final Pattern KEY = Pattern.compile("( *)([A-Za-z]+):(?: (.*))?");

  /** Deeper comments are examples of what a value may have. */
  private static final Pattern COMMENT = Pattern.compile(" *# ?(\\S.*)");

  /** A line of the table. */
  private record Value(String key, String preset, String comment) {
    String row() {
      String shown = preset.isEmpty() ? "" : "`" + preset + "`";
      return "| `%s` | %s | %s |\n".formatted(key, shown, comment.replace("|", "\\|"));
    }
  }

  private static List<Value> values() throws IOException {
    List<Value> all = new ArrayList<>();
    Deque<String> path = new ArrayDeque<>();
    StringBuilder comment = new StringBuilder();
    int list = Integer.MAX_VALUE;
    for (String line : Files.readAllLines(CHART.resolve("values.yaml"))) {
      int indent = line.length() - line.stripLeading().length();
      list = line.startsWith("- ", indent) ? indent : indent > list ? list : Integer.MAX_VALUE;
      if (indent >= list) {
        continue; // of a value that is a list
      }
      Matcher key = KEY.matcher(line);
      Matcher said = COMMENT.matcher(line);
      if (said.matches()) {
        comment.append(comment.isEmpty() ? "" : " ").append(said.group(1));
      } else if (key.matches()) {
        while (path.size() > key.group(1).length() / 2) {
          path.removeLast();
        }
        path.addLast(key.group(2));
        String preset = key.group(3) == null ? "" : key.group(3);
        if (!preset.isEmpty() || !comment.isEmpty()) {
          all.add(new Value(String.join(".", path), preset, comment.toString()));
        }
        comment.setLength(0);
      } else if (line.isEmpty()) {
        comment.setLength(0);
      }
    }
    return all;
  }

  private static String table() throws IOException {
    StringBuilder table = new StringBuilder("| Value | Default | What it is |\n|---|---|---|\n");
    values().forEach(value -> table.append(value.row()));
    return table.toString();
  }

  @Test
  void theReadmeHasEveryValueWithItsDefault() throws IOException {
    String readme = Files.readString(README);
    int begin = readme.indexOf(BEGIN) + BEGIN.length();
    int end = readme.indexOf(END);
    String expected = readme.substring(0, begin) + table() + readme.substring(end);
    if (System.getProperty("scopegate.docs.write") != null) {
      Files.writeString(README, expected);
    }

    assertThat(Files.readString(README))
        .as("bring it up to date by: mvn test -pl gateway -am -Dscopegate.docs.write")
        .isEqualTo(expected);
  }

  /** The lines are read as a parser of YAML reads them. */
  @Test
  void eachKeyOfTheTableIsThere() throws IOException {
    Object values =
        new Load(LoadSettings.builder().build())
            .loadFromString(Files.readString(CHART.resolve("values.yaml")));

    assertThat(values()).hasSizeGreaterThan(60);
    for (Value value : values()) {
      Object found = values;
      for (Iterator<String> keys = List.of(value.key().split("\\.")).iterator(); keys.hasNext(); ) {
        assertThat(found).as(value.key()).isInstanceOf(Map.class);
        String key = keys.next();
        assertThat(((Map<?, ?>) found).containsKey(key)).as(value.key()).isTrue();
        found = ((Map<?, ?>) found).get(key);
      }
    }
  }
}
