package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The commands of the pages for contributors. They are builds and measurements that take too long
 * to be run once more by a test, but what they name is there: scripts, modules, profiles and tests.
 */
class BuildCommandsIT {
  private static final Pattern ASSIGNMENT = Pattern.compile("^[A-Z0-9_]+=('[^']*'|\\S*) +");
  private static final Pattern MODULES = Pattern.compile("-pl (\\S+)");
  private static final Pattern PROFILE = Pattern.compile("-P(\\w+)");
  private static final Pattern TESTS = Pattern.compile("-Dit\\.test='?([^' ]+)");

  /** All pages with commands that {@link GuideCommandsIT} leaves to nobody. */
  private static List<String> pages() throws IOException {
    try (Stream<Path> files = Files.walk(Scratch.repository("."), 2)) {
      return files
          .map(file -> Scratch.repository(".").relativize(file).toString())
          .filter(path -> path.endsWith(".md") && !path.matches("(docs|deploy)/.*|README\\.md"))
          .filter(path -> !Guide.of(path).blocks().isEmpty())
          .sorted()
          .toList();
    }
  }

  @Test
  void theyAreFound() throws IOException {
    assertThat(pages()).contains("CONTRIBUTING.md", "e2e/README.md", "loadtest/README.md");
  }

  @ParameterizedTest
  @MethodSource("pages")
  void whatTheirCommandsNameIsThere(String page) throws IOException {
    Set<String> tests = tests();
    String poms = Scratch.read(Scratch.repository("pom.xml")) + modulePoms();
    for (Guide.Block block : Guide.of(page).blocks()) {
      for (String command : block.commands()) {
        String program = program(command);
        if (program.contains("/")) {
          assertThat(Scratch.repository(program)).as(command).isExecutable();
        } else {
          assertThat(program).as(command).isEqualTo("mvn");
          assertThat(found(MODULES, command))
              .as(command)
              .allSatisfy(module -> assertThat(Scratch.repository(module + "/pom.xml")).exists());
          assertThat(found(PROFILE, command))
              .as(command)
              .allSatisfy(profile -> assertThat(poms).contains("<id>" + profile + "</id>"));
          assertThat(found(TESTS, command))
              .as(command)
              .allSatisfy(test -> assertThat(test.contains("*") || tests.contains(test)).isTrue());
        }
      }
    }
  }

  private static String program(String command) {
    String rest = command;
    while (ASSIGNMENT.matcher(rest).find()) {
      rest = ASSIGNMENT.matcher(rest).replaceFirst("");
    }
    return rest.split("\\s")[0];
  }

  private static List<String> found(Pattern pattern, String command) {
    return pattern
        .matcher(command)
        .results()
        .map((MatchResult one) -> one.group(1))
        .flatMap(all -> Stream.of(all.split(",")))
        .toList();
  }

  private static String modulePoms() throws IOException {
    try (Stream<Path> modules = Files.list(Scratch.repository("."))) {
      return modules
          .map(module -> module.resolve("pom.xml"))
          .filter(Files::exists)
          .map(Scratch::read)
          .collect(Collectors.joining());
    }
  }

  private static Set<String> tests() throws IOException {
    try (Stream<Path> files = Files.walk(Scratch.repository("."), 12)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith("IT.java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .collect(Collectors.toSet());
    }
  }
}
