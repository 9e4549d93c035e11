package io.scopegate.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Reads the tables of a page under {@code docs}, so that tests can hold it to the code. */
public final class MarkdownTable {
  private MarkdownTable() {}

  /**
   * The rows of all tables whose first column has this title, each with its cells, code quotes
   * taken off.
   */
  public static List<List<String>> rows(String page, String firstColumn) {
    List<List<String>> rows = new ArrayList<>();
    boolean within = false;
    for (String line : read(page).split("\n")) {
      if (line.startsWith("| " + firstColumn + " |")) {
        within = true;
      } else if (!line.startsWith("|")) {
        within = false;
      } else if (within && line.startsWith("| ")) {
        rows.add(cells(line));
      }
    }
    return rows;
  }

  private static List<String> cells(String line) {
    return Arrays.stream(line.split("\\|"))
        .skip(1)
        .map(cell -> cell.strip().replace("`", ""))
        .collect(Collectors.toList());
  }

  private static String read(String page) {
    try {
      return Files.readString(Path.of("..", "docs", page));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
