package io.scopegate.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page is complete, asks nobody else for anything, and cannot turn a text into markup. */
class ConsolePageTest {
  private static final Path SOURCES =
      Path.of("src/main/resources/io/scopegate/gateway/admin/console");
  private static final Pattern IMPORT =
      Pattern.compile("(?:from|import)\\s*\\(?\\s*[\"']([^\"']+)[\"']");
  private static final Pattern LINK = Pattern.compile("(?:src|href)=\"([^\"#]+)\"");

  private static Set<String> sources() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  private static String text(String name) {
    ConsolePage.File file = Objects.requireNonNull(ConsolePage.read(name), name);
    return new String(file.content(), StandardCharsets.UTF_8);
  }

  private static Set<String> found(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyFileIsServedAndHasAType() throws IOException {
    assertThat(ConsolePage.names()).containsAll(sources()).hasSize(sources().size() + 2);
    for (String name : ConsolePage.names()) {
      ConsolePage.File file = Objects.requireNonNull(ConsolePage.read(name), name);
      assertThat(file.type()).as(name).isNotEmpty();
      assertThat(file.content()).as(name).isNotEmpty();
      assertThat(file.etag()).matches("\"[0-9a-f]{24}\"");
    }
    assertThat(ConsolePage.read("../ConsoleServer.class")).isNull();
    assertThat(ConsolePage.read("")).isNull();
  }

  @Test
  void whatThePageAndItsModulesAskForIsServed() throws IOException {
    Set<String> asked = new TreeSet<>();
    for (String link : found(LINK, text("index.html"))) {
      assertThat(link).startsWith("assets/");
      asked.add(link.substring("assets/".length()));
    }
    for (String name : sources()) {
      if (name.endsWith(".js")) {
        for (String module : found(IMPORT, text(name))) {
          assertThat(module).as(name).startsWith("./");
          asked.add(module.substring(2));
        }
      }
    }
    asked.add("index.html");
    assertThat(asked).isEqualTo(new TreeSet<>(ConsolePage.names()));
  }

  @Test
  void nothingComesFromElsewhere() throws IOException {
    for (String name : sources()) {
      assertThat(text(name).replace("xmlns=\"http://www.w3.org/2000/svg\"", ""))
          .as(name)
          .doesNotContain("http:", "https:", "url(", "@import", "\"//");
    }
  }

  @Test
  void noTextBecomesMarkupOrScript() throws IOException {
    List<String> ways =
        List.of(
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "DOMParser",
            "createContextualFragment",
            "setHTML",
            "srcdoc",
            "eval(",
            "Function(",
            "javascript:",
            "location =",
            "location.href");
    for (String name : sources()) {
      assertThat(text(name)).as(name).doesNotContain(ways);
    }
  }

  @Test
  void thePageHasNoScriptOrStyleInItself() {
    assertThat(text("index.html"))
        .doesNotContainPattern("<script(?![^>]*\\ssrc=)")
        .doesNotContainPattern("<style")
        .doesNotContainPattern("\\s(style|on[a-z]+)=");
  }

  @Test
  void theModulesFindTheElementsThatTheyLookFor() throws IOException {
    Set<String> there = found(Pattern.compile("\\sid=\"([^\"]+)\""), text("index.html"));
    List<String> missing = new ArrayList<>();
    for (String name : sources()) {
      found(Pattern.compile("byId\\(\"([^\"]+)\"\\)"), text(name)).stream()
          .filter(id -> !there.contains(id))
          .forEach(id -> missing.add(name + " " + id));
    }
    assertThat(missing).isEmpty();
  }
}
