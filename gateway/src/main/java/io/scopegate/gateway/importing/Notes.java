package io.scopegate.gateway.importing;

import io.scopegate.config.YamlValue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What differs from before or could not be migrated: comments of the configuration. */
final class Notes {
  /** More are not useful, and the configuration must stay small. */
  private static final int KEPT = 200;

  /** How many names one note lists. */
  private static final int LISTED = 20;

  private static final int LONGEST = 400;

  private final Set<String> all = new LinkedHashSet<>();
  private int further;

  /** Adds a sentence. */
  void add(String note) {
    String cut = note.length() > LONGEST ? note.substring(0, LONGEST) + "…" : note;
    if (all.size() < KEPT) {
      all.add(cut);
    } else if (!all.contains(cut)) {
      further++;
    }
  }

  /** Adds a note about a place in a file. */
  void add(YamlValue at, String note) {
    add(at.place() + ": " + note);
  }

  /** In the order in which they came. */
  List<String> all() {
    List<String> notes = new ArrayList<>(all);
    if (further > 0) {
      notes.add(further + " further notes of this kind.");
    }
    return notes;
  }

  /** Names for a sentence, not too many of them. */
  static String names(List<String> names) {
    return names.size() <= LISTED
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, LISTED)) + " and " + (names.size() - LISTED) + " more";
  }
}
