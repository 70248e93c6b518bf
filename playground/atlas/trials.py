"""Chat messages that betray no concept, for trying dials on a chat model: settings are chosen by
the replies to some, figures are of the replies to the others.

Knows no model and no concept. Any concept could show in a reply to any of them.
"""

SELECT = (
    "Tell me about yourself.", "What did you do this morning?", "Write a short story.",
    "It is still early. Any ideas?", "What is on your mind?", "Go ahead, I am listening.",
    "Describe what you see in front of you.", "Tell me something that I do not know yet.",
    "Write me a message that I can pass on.", "What would make this a good day?",
    "Make up a title and write what stands under it.", "How are things?",
    "Give me something to think about.", "What happened next?", "Write three sentences.",
    "Talk to me about anything you want.", "What do you remember best?",
    "Continue: The two of them looked at each other and", "What is that over there?",
    "Say something.", "What should everybody have seen once?", "Invent something and describe it.",
    "What would you change if you could?", "Write the beginning of something longer.",
    "What did they find behind the door?", "Tell me about a place that you like.",
    "What is the best thing about today?", "Write something that I will want to keep.",
    "What do people talk about where you are?", "Describe somebody in a few lines.",
)  # fmt: skip
GRADE = (
    "Who are you?", "How was your weekend?", "Tell me something interesting.",
    "Please help me to get through this evening.", "What do you like best?",
    "What should we talk about?", "Write a few lines that I can read to a friend.",
    "What comes to your mind first?", "Tell me what you have been up to.",
    "Write a paragraph about whatever you like.", "What is important to you?",
    "And then? Go on.", "Describe your favourite thing.", "What was the strangest part of it?",
    "What shall I do tomorrow?", "Tell me about somebody you know.",
    "Continue: When they came back, they noticed that", "What is it good for?",
    "Write about something small.", "What did you learn lately?", "Is there anything new?",
    "Tell me a tale that I have not heard before.", "What is everyone waiting for?",
    "What would you take with you?", "Explain something to me in plain words.",
    "What could I write about?", "Tell me how it all went.", "What do you hope for?",
    "Write a note and leave it on the table.", "Describe a place where you would like to be.",
)  # fmt: skip
