package io.scopegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EndedStreamsTest {
  private final EndedStreams streams = new EndedStreams();

  @Test
  void countsWhatCameOnEachWhileMoreBegin() {
    for (int id = 1; id < 2 * EndedStreams.REMEMBERED; id += 2) {
      streams.begin(id);
      assertThat(streams.add(id, id)).isZero();
      int earlier = id / 4 * 2 + 1;
      int before = streams.add(earlier, 1);
      assertThat(before).isGreaterThanOrEqualTo(earlier);
    }
  }

  @Test
  void aStreamInTheSamePlaceBeginsWithNothing() {
    streams.begin(1);
    streams.add(1, 5);
    int next = 1 + 2 * EndedStreams.REMEMBERED;
    for (int id = 3; id <= next; id += 2) {
      streams.begin(id);
    }

    assertThat(streams.knows(1)).isFalse();
    assertThat(streams.add(next, 7)).isZero();
    assertThat(streams.add(next, 1)).isEqualTo(7);
  }

  @Test
  void remembersHowEachWasEndedWhileMoreBegin() {
    for (int id = 1; id < 2 * EndedStreams.REMEMBERED; id += 2) {
      streams.begin(id);
      if (id % 4 == 1) {
        streams.end(id);
      } else {
        streams.reset(id);
      }
    }
    for (int id = 1; id < 2 * EndedStreams.REMEMBERED; id += 2) {
      assertThat(streams.knows(id)).isTrue();
      assertThat(streams.isOpen(id)).isFalse();
      assertThat(streams.isEnded(id)).isEqualTo(id % 4 == 1);
    }
  }
}
