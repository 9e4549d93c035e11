package io.scopegate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BudgetTest {
  @Test
  void isSpentAboveItsLimitAndExhaustedAboveOneAndAHalf() {
    Budget budget = new Budget(100, 10);
    budget.hold(100);
    assertThat(budget.spent()).isFalse();
    budget.hold(50);
    assertThat(budget.spent()).isTrue();
    assertThat(budget.exhausted()).isFalse();
    budget.hold(1);
    assertThat(budget.exhausted()).isTrue();
    budget.release(151);
    assertThat(budget.spent()).isFalse();
    assertThat(budget.heldBytes()).isZero();
  }

  @Test
  void needsALimit() {
    assertThatThrownBy(() -> new Budget(0, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void isCrowdedAboveItsRequests() {
    Budget budget = new Budget(100, 2);
    budget.begin();
    budget.begin();
    assertThat(budget.crowded()).isFalse();
    assertThat(budget.freeRequests()).isZero();
    budget.begin();
    assertThat(budget.crowded()).isTrue();
    assertThat(budget.freeRequests()).isEqualTo(-1);
    budget.end();
    assertThat(budget.crowded()).isFalse();
  }

  @Test
  void aQuarterOfTheBytesMayWait() {
    Budget budget = new Budget(100, 10);
    assertThat(budget.park(25)).isTrue();
    assertThat(budget.park(1)).isFalse();
    budget.unpark(1);
    assertThat(budget.waitingBytes()).isEqualTo(25);
  }

  @Test
  void unreadAnswersMayBeAsManyAsAreFreeAndHalfOfThemAreScarce() {
    Budget budget = new Budget(800, 10);
    for (int i = 0; i < 4; i++) {
      budget.begin();
      budget.answered();
    }
    assertThat(budget.requests()).isZero();
    assertThat(budget.unreadAnswers()).isEqualTo(4);
    assertThat(budget.isTooMuchUnread(6, 0)).isFalse();
    assertThat(budget.isTooMuchUnread(7, 0)).isTrue();
    assertThat(budget.isUnreadScarceFor(3)).isFalse();
    assertThat(budget.isUnreadScarceFor(4)).isTrue();
    budget.read();
    assertThat(budget.isTooMuchUnread(7, 0)).isFalse();
  }

  @Test
  void unreadAnswersMayTakeAnEighthOfTheBytes() {
    Budget budget = new Budget(800, 10);
    budget.queue(40);
    assertThat(budget.heldBytes()).isEqualTo(40);
    assertThat(budget.unreadBytes()).isEqualTo(40);
    assertThat(budget.isTooMuchUnread(0, 60)).isFalse();
    assertThat(budget.isTooMuchUnread(0, 61)).isTrue();
    budget.queue(10);
    assertThat(budget.isUnreadHalfSpent()).isFalse();
    budget.queue(1);
    assertThat(budget.isUnreadHalfSpent()).isTrue();
    budget.unqueue(11);
    budget.unqueue(40);
    assertThat(budget.isTooMuchUnread(0, 61)).isFalse();
    assertThat(budget.heldBytes()).isZero();
  }

  @Test
  void aTenantMayHaveAsMuchAsIsFree() {
    Budget budget = new Budget(100, 4);
    TenantMemoryShare share = new TenantMemoryShare(budget);
    for (int i = 0; i < 2; i++) {
      budget.begin();
      assertThat(share.begin()).isTrue();
    }
    budget.begin();
    assertThat(share.begin()).as("a third of four, one is free").isFalse();
    assertThat(share.requests()).isEqualTo(2);
    share.end();
    assertThat(share.requests()).isEqualTo(1);

    share.reserve(50);
    assertThat(budget.freeBytes()).isEqualTo(50);
    assertThat(share.isGreedy()).isFalse();
    share.reserve(1);
    assertThat(share.isGreedy()).isTrue();
    assertThat(share.bytes()).isEqualTo(51);
    share.reserve(-51);
    assertThat(budget.heldBytes()).isZero();
    share.reserve(0);
    assertThat(share.bytes()).isZero();
  }

  @Test
  void aTenantThatHoldsMoreBytesThanAreFreeBeginsNothing() {
    Budget budget = new Budget(100, 10);
    TenantMemoryShare share = new TenantMemoryShare(budget);
    share.reserve(51);
    assertThat(share.begin()).isFalse();
    assertThat(share.requests()).isZero();
  }

  @Test
  void eachPartIsUsedAgainstWhereItEnds() {
    Budget budget = new Budget(8_000, 10);
    for (Budget.Part part : Budget.Part.values()) {
      assertThat(budget.used(part)).as(part.name()).isZero();
    }

    budget.begin();
    budget.begin();
    budget.begin();
    budget.answered();
    budget.queue(250);
    budget.park(500);
    budget.delay(750);

    assertThat(budget.used(Budget.Part.REQUESTS)).isEqualTo(0.2);
    assertThat(budget.used(Budget.Part.UNREAD_ANSWERS)).isEqualTo(0.1);
    assertThat(budget.used(Budget.Part.UNREAD_ANSWER_BYTES)).isEqualTo(0.25);
    assertThat(budget.used(Budget.Part.WAITING_BYTES)).isEqualTo(0.25);
    assertThat(budget.used(Budget.Part.DELAYED_BYTES)).isEqualTo(0.75);
    assertThat(budget.used(Budget.Part.BYTES)).isEqualTo(1_000 / 8_000.0);
  }
}
