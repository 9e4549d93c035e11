package io.scopegate.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FaultsTest {
  private final Faults<Kind> faults = new Faults<>(Kind.class);

  @Test
  void servesWhenNothingIsOrdered() {
    assertThat(faults.next(Kind.ONE)).isEqualTo(Fault.none());
  }

  @Test
  void ordersForOneKindOnly() {
    faults.always(Kind.ONE, Fault.status(500));

    assertThat(faults.next(Kind.ONE)).isEqualTo(Fault.status(500));
    assertThat(faults.next(Kind.ONE)).isEqualTo(Fault.status(500));
    assertThat(faults.next(Kind.OTHER)).isEqualTo(Fault.none());
  }

  @Test
  void takesWhatIsQueuedBeforeWhatLasts() {
    faults.always(Kind.ONE, Fault.hang()).times(Kind.ONE, 2, Fault.reset());

    assertThat(faults.next(Kind.ONE)).isEqualTo(Fault.reset());
    assertThat(faults.next(Kind.ONE)).isEqualTo(Fault.reset());
    assertThat(faults.next(Kind.ONE)).isEqualTo(Fault.hang());
  }

  @Test
  void clearingEndsAllAndLetsWaitingRequestsGo() {
    faults.everywhere(Fault.stopReading());
    Gate waiting = faults.untilCleared();

    faults.clear();

    assertThat(waiting.pass().succeeded()).isTrue();
    assertThat(faults.next(Kind.OTHER)).isEqualTo(Fault.none());
  }

  private enum Kind {
    ONE,
    OTHER
  }
}
