// SPDX-License-Identifier: Apache-2.0
#include "sweeps/task_lists.h"

#include <gtest/gtest.h>

namespace normadd::sweeps {
namespace {

using Numbers = std::vector<std::size_t>;

TEST(TaskLists, NeighboursBecomeRangesInTheGivenOrder) {
  EXPECT_EQ(job_list_text(Numbers{3, 4, 9, 10, 11, 12}), "3-4,9-12");
  EXPECT_EQ(job_list_text(Numbers{5, 2, 3, 1, 0}), "5,2-3,1,0");
  EXPECT_EQ(job_list_text(Numbers{7}), "7");
  EXPECT_EQ(job_list_text(Numbers{}), "");
}

TEST(TaskLists, TasksTakeJobsInOrderAndTheLastTakesTheRest) {
  EXPECT_EQ(task_lists(Numbers{0, 1, 2, 9, 8, 4, 5}, 3), (std::vector<std::string>{"0-2", "9,8,4", "5"}));
  EXPECT_EQ(task_lists(Numbers{2, 1}, 1), (std::vector<std::string>{"2", "1"}));
  EXPECT_TRUE(task_lists(Numbers{}, 4).empty());
}

}  // namespace
}  // namespace normadd::sweeps
